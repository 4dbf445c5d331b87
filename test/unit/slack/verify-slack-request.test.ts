import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RawRequest } from '#shared/core/read-http-request.ts';
import { Fault, type FaultCode } from '#shared/core/fault.ts';
import { Secret } from '#shared/core/secret.ts';
import { verifySlackRequest } from '#shared/slack/verify-slack-request.ts';

const NOW = 1_800_000_000;
const CURRENT = 'current-signing-secret-0123456789';
const PREVIOUS = 'previous-signing-secret-012345678';
const secrets = { current: new Secret(CURRENT), previous: new Secret(PREVIOUS) };
const body = Buffer.from('command=%2Fpat&text=list');

const sign = (secret: string, timestamp: string, bytes: Buffer) =>
  createHmac('sha256', secret).update(`v0:${timestamp}:`).update(bytes).digest('hex');

interface Given {
  readonly signature?: readonly string[];
  readonly timestamp?: readonly string[];
  readonly body?: Buffer;
}

function request({ signature, timestamp = [String(NOW)], body: bytes = body }: Given): RawRequest {
  const signed = signature ?? [`v0=${sign(CURRENT, timestamp[0] ?? '', bytes)}`];
  const headers = new Map([
    ['x-slack-signature', signed],
    ['x-slack-request-timestamp', timestamp],
  ]);
  return { method: 'POST', headers, body: bytes };
}

function refusal(given: RawRequest, known: typeof secrets | { current: Secret } = secrets): FaultCode | 'accepted' {
  try {
    verifySlackRequest(given, known, NOW);
    return 'accepted';
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    expect(error.detail).not.toContain(CURRENT);
    return error.code;
  }
}

const good = sign(CURRENT, String(NOW), body);

describe('verifySlackRequest', () => {
  it('knows the example that Slack publishes', () => {
    const published =
      'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
    const example = request({
      signature: ['v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503'],
      timestamp: ['1531420618'],
      body: Buffer.from(published),
    });
    const known = { current: new Secret('8f742231b10e8888abcd99yyyzzz85a5') };
    expect(() => verifySlackRequest(example, known, 1_531_420_618)).not.toThrow();
  });

  it('accepts the current and the previous secret', () => {
    expect(refusal(request({}))).toBe('accepted');
    expect(refusal(request({ signature: [`v0=${sign(PREVIOUS, String(NOW), body)}`] }))).toBe('accepted');
  });

  it('refuses the previous secret once there is none', () => {
    const old = request({ signature: [`v0=${sign(PREVIOUS, String(NOW), body)}`] });
    expect(refusal(old, { current: secrets.current })).toBe('signature_invalid');
  });

  it('refuses a third secret, and a body that differs in one byte', () => {
    expect(refusal(request({ signature: [`v0=${sign('another-signing-secret', String(NOW), body)}`] }))).toBe(
      'signature_invalid',
    );
    expect(refusal(request({ signature: [`v0=${good}`], body: Buffer.from('command=%2Fpat&text=lisu') }))).toBe(
      'signature_invalid',
    );
  });

  it('signs bytes, not text: two invalid UTF-8 bodies have two signatures', () => {
    const signature = [`v0=${sign(CURRENT, String(NOW), Buffer.from([0xff]))}`];
    expect(refusal(request({ signature, body: Buffer.from([0xff]) }))).toBe('accepted');
    expect(refusal(request({ signature, body: Buffer.from([0xfe]) }))).toBe('signature_invalid');
  });

  it.each([0, 300, -300])('accepts a request that is %d seconds from now', (seconds) => {
    expect(refusal(request({ timestamp: [String(NOW + seconds)] }))).toBe('accepted');
  });

  it.each([301, -301, 86_400, -86_400])(
    'refuses a request that is %d seconds from now, though well signed',
    (seconds) => {
      expect(refusal(request({ timestamp: [String(NOW + seconds)] }))).toBe('signature_stale');
    },
  );

  it.each<[string, Given]>([
    ['no signature', { signature: [] }],
    ['an empty signature', { signature: [''] }],
    ['no timestamp', { timestamp: [], signature: [`v0=${good}`] }],
  ])('says of %s that it is missing', (_, given) => {
    expect(refusal(request(given))).toBe('signature_missing');
  });

  it.each<[string, string]>([
    ['another version', `v1=${good}`],
    ['no version', good],
    ['a version in front', `av0=${good}`],
    ['something behind', `v0=${good}0`],
    ['a line break behind', `v0=${good}\n`],
    ['capital letters', `v0=${good.toUpperCase()}`],
    ['a cut signature', `v0=${good.slice(0, 8)}`],
    ['an empty signature', 'v0='],
    ['no hex at all', `v0=${'z'.repeat(64)}`],
    ['two joined signatures', `v0=${good},v0=${good}`],
  ])('refuses %s', (_, signature) => {
    expect(refusal(request({ signature: [signature] }))).toBe('signature_invalid');
  });

  it.each([
    '180000000',
    '18000000000',
    ' 1800000000',
    '1800000000 ',
    '1800000000abc',
    '1.8e9',
    '0x6b49d200',
    '1800000000\n',
    'NaN',
    '-180000000',
    '1800000000.0',
  ])('refuses the timestamp %j, though it is signed', (timestamp) => {
    expect(refusal(request({ timestamp: [timestamp] }))).toBe('signature_invalid');
  });

  it.each(['x-slack-signature', 'x-slack-request-timestamp'])('refuses a second %s', (name) => {
    const twice = request({});
    const [value = ''] = twice.headers.get(name) ?? [];
    expect(refusal({ ...twice, headers: new Map([...twice.headers, [name, [value, value]]]) })).toBe(
      'signature_invalid',
    );
  });

  it('refuses the splice that takes an old signature, its time and the head of its body as a version', () => {
    // A captured, properly signed event whose message text was chosen by the attacker, 30 days ago.
    const oldTime = String(NOW - 30 * 86_400);
    const forged = `command=%2Fpat&text=delete+to-abc&user_id=U0ADMIN0001&x=`;
    const head = '{"type":"event_callback","event":{"text":"';
    const tail = `:${NOW}:${forged}`;
    const captured = sign(CURRENT, oldTime, Buffer.from(head + tail));
    const spliced = request({ signature: [`v0:${oldTime}:${head}=${captured}`], body: Buffer.from(forged) });
    expect(refusal(spliced)).toBe('signature_invalid');
    // What makes it dangerous: a verifier that believes the version signs the very same bytes.
    const believed = createHmac('sha256', CURRENT).update(`v0:${oldTime}:${head}:${NOW}:${forged}`).digest('hex');
    expect(believed).toBe(captured);
  });

  it('refuses to work with a secret under 16 bytes', () => {
    expect(refusal(request({}), { current: new Secret('short') })).toBe('config_invalid');
  });

  it.each<[Given, string]>([
    [{ signature: [] }, 'signature_missing: header x-slack-signature is missing'],
    [{ timestamp: [], signature: [`v0=${good}`] }, 'signature_missing: header x-slack-request-timestamp is missing'],
    [{ signature: ['v1=x'] }, 'signature_invalid: x-slack-signature is malformed'],
    [{ timestamp: ['soon'] }, 'signature_invalid: x-slack-request-timestamp is malformed'],
    [{ timestamp: [String(NOW - 301)] }, 'signature_stale: x-slack-request-timestamp is over 300 seconds from now'],
    [{ signature: [`v0=${'0'.repeat(64)}`] }, 'signature_invalid: x-slack-signature does not fit the body'],
  ])('tells our log which part was wrong (%#), and no value', (given, message) => {
    expect(() => verifySlackRequest(request(given), secrets, NOW)).toThrow(message);
  });

  it('accepts nothing but the one right signature', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const hex = Buffer.from(bytes).toString('hex');
        expect(refusal(request({ signature: [`v0=${hex}`] })) === 'accepted').toBe(hex === good);
      }),
    );
  });
});
