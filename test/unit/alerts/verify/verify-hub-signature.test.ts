import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SourceKeys } from '#shared/alerts/source.ts';
import { type HubScheme, signHub, verifyHubSignature } from '#shared/alerts/verify/verify-hub-signature.ts';
import { Secret } from '#shared/core/secret.ts';
import { alertRequest } from '#test/support/alerts.ts';

const CURRENT = 'current-secret-0123456789';
const PREVIOUS = 'previous-secret-012345678';
const keys: SourceKeys = { current: new Secret(CURRENT), previous: new Secret(PREVIOUS) };
const bare: HubScheme = { header: 'x-signature', prefix: '' };
const named: HubScheme = { header: 'x-hub-signature-256', prefix: 'sha256=' };
const body = Buffer.from([0x7b, 0xff, 0x7d]);
const hex = (secret: string) => createHmac('sha256', secret).update(body).digest('hex');

const verify = (scheme: HubScheme, signature: string | undefined, by: SourceKeys | undefined = keys) =>
  verifyHubSignature(alertRequest(body, signature === undefined ? {} : { [scheme.header]: signature }), by, scheme);

describe('verifyHubSignature', () => {
  it('takes what is signed with the current secret or the one before, over the exact bytes', () => {
    for (const secret of [CURRENT, PREVIOUS]) {
      expect(() => verify(bare, hex(secret))).not.toThrow();
      expect(() => verify(named, `sha256=${hex(secret)}`)).not.toThrow();
      expect(signHub(named, secret, body)).toBe(`sha256=${hex(secret)}`);
    }
    expect(() => verify(named, `sha256=${hex(PREVIOUS)}`, { current: keys.current })).toThrow('signature_invalid');
  });

  it('mixes into the key what the sender does', () => {
    const scheme: HubScheme = { ...bare, toKey: (secret) => `mixed:${secret}` };
    expect(() => verify(scheme, hex(`mixed:${CURRENT}`))).not.toThrow();
    expect(() => verify(scheme, hex(CURRENT))).toThrow('signature_invalid: the signature does not match');
  });

  it.each<[string, HubScheme, string]>([
    ['no prefix', named, hex(CURRENT)],
    ['another prefix', named, `sha1=${hex(CURRENT)}`],
    ['a prefix where there is none', bare, `sha256=${hex(CURRENT)}`],
    ['a letter before', bare, `0${hex(CURRENT)}`],
    ['a letter behind', bare, `${hex(CURRENT)}0`],
    ['a line break behind', bare, `${hex(CURRENT)}\n`],
    ['capital letters', bare, hex(CURRENT).toUpperCase()],
    ['a cut one', bare, hex(CURRENT).slice(0, 63)],
    ['no hex', bare, 'z'.repeat(64)],
  ])('calls a signature with %s malformed', (_what, scheme, signature) => {
    expect(() => verify(scheme, signature)).toThrow(`signature_invalid: header ${scheme.header} is malformed`);
  });

  it('tells a missing signature and missing keys apart from a wrong one', () => {
    expect(() => verify(bare, undefined)).toThrow('signature_missing: header x-signature is missing');
    expect(() => verify(bare, hex('another-secret-0123456789'))).toThrow(
      'signature_invalid: the signature does not match',
    );
    expect(() => verifyHubSignature(alertRequest(body, { 'x-signature': hex(CURRENT) }), undefined, bare)).toThrow(
      'keys_unavailable: the source has no secret',
    );
  });
});
