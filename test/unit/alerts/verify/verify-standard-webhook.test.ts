import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import type { SourceKeys } from '#shared/alerts/source.ts';
import {
  signStandardWebhook,
  standardWebhookKey,
  verifyStandardWebhook,
} from '#shared/alerts/verify/verify-standard-webhook.ts';
import { Secret } from '#shared/core/secret.ts';
import { alertRequest, NOW, NOW_SECONDS } from '#test/support/alerts.ts';

const SECRET = `whsec_${randomBytes(32).toString('base64')}`;
const KEYS: SourceKeys = { current: new Secret(SECRET) };
const BODY = '{"secret":"x"}';
const headers = (more: Record<string, string> = {}) => ({
  'webhook-id': 'msg_1',
  'webhook-timestamp': String(NOW_SECONDS),
  'webhook-signature': new Webhook(SECRET).sign('msg_1', NOW, BODY),
  ...more,
});
const verify =
  (more: Record<string, string> = {}, keys = KEYS) =>
  () =>
    verifyStandardWebhook(alertRequest(BODY, headers(more)), keys, NOW_SECONDS);

describe('verifyStandardWebhook', () => {
  it('agrees with the reference library on every id, time and body', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/), fc.string(), (id, text) => {
        const body = Buffer.from(text);
        const ours = signStandardWebhook(standardWebhookKey(KEYS.current), {
          id,
          timestamp: String(NOW_SECONDS),
          body,
        });
        expect(ours).toBe(new Webhook(SECRET).sign(id, NOW, body.toString()));
      }),
    );
  });

  it('verifies the known answer of the specification', () => {
    // https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, "Example"
    const keys = { current: new Secret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw') };
    const request = alertRequest('{"test": 2432232314}', {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
    expect(() => verifyStandardWebhook(request, keys, 1_614_265_330)).not.toThrow();
  });

  it('takes one good signature among others and among unknown versions', () => {
    const good = headers()['webhook-signature'];
    const other = `v1,${Buffer.alloc(32).toString('base64')}`;
    for (const list of [`${other} ${good}`, `v1a,${Buffer.alloc(64).toString('base64')} ${good}`, `${good} v2,abc`]) {
      expect(verify({ 'webhook-signature': list })).not.toThrow();
    }
  });

  it.each([
    [
      'too many signatures',
      { 'webhook-signature': Array.from({ length: 9 }, () => headers()['webhook-signature']).join(' ') },
    ],
    ['a partial signature', { 'webhook-signature': headers()['webhook-signature'].slice(0, 11) }],
    ['an empty signature', { 'webhook-signature': 'v1,' }],
    ['another version alone', { 'webhook-signature': headers()['webhook-signature'].replace('v1,', 'v2,') }],
    ['a comma after it', { 'webhook-signature': `${headers()['webhook-signature']},x` }],
    ['two blanks', { 'webhook-signature': `${headers()['webhook-signature']}  v1,x` }],
    ['a full stop in the id', { 'webhook-id': 'msg.1' }],
    ['a line break in the id', { 'webhook-id': 'msg_1\nx' }],
    ['letters after the time', { 'webhook-timestamp': `${NOW_SECONDS}abc` }],
    ['a time in hex', { 'webhook-timestamp': '0x6553f100' }],
    ['a time with an exponent', { 'webhook-timestamp': '1.7684784e9' }],
    ['a time with a sign', { 'webhook-timestamp': `+${NOW_SECONDS}` }],
  ])('refuses %s, which the library may accept', (_name, more) => {
    expect(verify(more)).toThrow('signature_invalid');
  });

  it('does not let the boundary between id, time and body move', () => {
    const whole = signStandardWebhook(standardWebhookKey(KEYS.current), {
      id: 'a',
      timestamp: String(NOW_SECONDS),
      body: Buffer.from(`${NOW_SECONDS}.${BODY}`),
    });
    expect(verify({ 'webhook-id': `a.${NOW_SECONDS}`, 'webhook-signature': whole })).toThrow('signature_invalid');
  });

  it.each([
    ['no prefix', randomBytes(32).toString('base64')],
    ['15 bytes', `whsec_${randomBytes(15).toString('base64')}`],
    ['no base64', 'whsec_not base64 at all!'],
    ['base64url', `whsec_${Buffer.alloc(32, 0xff).toString('base64url')}`],
    ['nothing', 'whsec_'],
  ])('refuses to work with a secret with %s', (_name, secret) => {
    expect(verify({}, { current: new Secret(secret) })).toThrow('config_invalid');
  });

  it('says that there are no keys', () => {
    expect(() => verifyStandardWebhook(alertRequest(BODY, headers()), undefined, NOW_SECONDS)).toThrow(
      'keys_unavailable',
    );
  });

  it('takes an id of 256 printable characters, eight signatures, and the secret from before a rotation', () => {
    const sign = (id: string, secret = SECRET) => new Webhook(secret).sign(id, NOW, BODY);
    for (const id of ['x'.repeat(256), '!', '+-/~', '\x21\x2b\x2d\x2f\x7e']) {
      expect(verify({ 'webhook-id': id, 'webhook-signature': sign(id) })).not.toThrow();
    }
    const other = `v1,${Buffer.alloc(32).toString('base64')}`;
    const eight = [...Array.from({ length: 7 }, () => other), sign('msg_1')].join(' ');
    expect(verify({ 'webhook-signature': eight })).not.toThrow();
    const before = `whsec_${randomBytes(16).toString('base64')}`;
    const rotated = { ...KEYS, previous: new Secret(before) };
    expect(verify({ 'webhook-signature': sign('msg_1', before) }, rotated)).not.toThrow();
    expect(verify({ 'webhook-signature': sign('msg_1') }, rotated)).not.toThrow();
  });

  it.each([
    ['webhook-id', 'x'.repeat(257)],
    ['webhook-id', 'msg 1'],
    ['webhook-id', ' msg_1'],
    ['webhook-id', 'msg_\x7f'],
    ['webhook-id', 'msg.1'],
    ['webhook-signature', 'x1,abc'],
    ['webhook-signature', 'v,abc'],
    ['webhook-signature', 'v12345,abc'],
    ['webhook-signature', 'V1,abc'],
    ['webhook-signature', 'v2,'],
    ['webhook-signature', 'v2,a!'],
    ['webhook-signature', `v2,${'a'.repeat(1025)}`],
    ['webhook-signature', 'av2,abc'],
  ])('calls the %s %j malformed', (header, value) => {
    // Beside a good one: what is odd makes the whole list odd.
    const given = header === 'webhook-id' ? value : `${headers()['webhook-signature']} ${value}`;
    expect(verify({ [header]: given })).toThrow(`signature_invalid: ${header} is malformed`);
  });

  it('passes over well-formed signatures of other versions, however long, and says that none matches', () => {
    for (const other of [`v2,${'a'.repeat(1024)}`, 'v1abc,_-+/=', 'v1,abc', 'v9z,A']) {
      expect(verify({ 'webhook-signature': `${headers()['webhook-signature']} ${other}` })).not.toThrow();
      expect(verify({ 'webhook-signature': other })).toThrow('signature_invalid: no signature of the list matches');
    }
  });

  it('reads a key of any padding, and says of another what it must be', () => {
    for (const bytes of [16, 17, 18, 32]) {
      const key = randomBytes(bytes);
      expect(standardWebhookKey(new Secret(`whsec_${key.toString('base64')}`))).toEqual(key);
    }
    const encoded = randomBytes(17).toString('base64');
    const unpadded = [`whsec_${'A'.repeat(23)}`, `whsec_${'A'.repeat(21)}==`, `whsec_${'A'.repeat(22)}=`];
    for (const wrong of [
      encoded,
      ...unpadded,
      `whsec_${encoded}A`,
      `whsec_ ${encoded}`,
      `whsec_${encoded}=`,
      `x${encoded}`,
    ]) {
      expect(() => standardWebhookKey(new Secret(wrong))).toThrow(
        'config_invalid: secret is not "whsec_" and base64 of at least 16 bytes',
      );
    }
  });
});
