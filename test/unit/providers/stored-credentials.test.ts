import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseCredential } from '#shared/providers/clients.ts';
import { createKeyring } from '#shared/alerts/verify/keyring.ts';
import { Secret } from '#shared/core/secret.ts';
import { parseFingerprintKey } from '#shared/secrets/parse-fingerprint-key.ts';
import { parseBotToken, parseSigningSecrets } from '#shared/slack/slack-secret.ts';
import { dfnsToken } from '#test/support/leaks.ts';

const PARAMETERS = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const sec1 = pair.privateKey.export({ type: 'sec1', format: 'pem' }).toString();
const encrypted = pair.privateKey
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' })
  .toString();
const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();

const OPENSSH = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----\n';

const credential = (more: object = {}) => ({
  provider: 'dfns',
  baseUrl: 'https://api.dfns.io',
  authToken: dfnsToken(),
  privateKey: pem,
  ...more,
});
const read = (more: object) => parseCredential('p', JSON.stringify(credential(more)));

describe('a profile’s secret as people store it', () => {
  it.each([
    ['one block', pem],
    ['two blocks', PARAMETERS + sec1],
    ['attributes before it', `Bag Attributes\n  friendlyName: dfns\n${pem}`],
    ['the public key beside it', publicKey + pem],
  ])('holds a private key: %s, in every packing', (_, text) => {
    const packings = [
      text,
      text.replaceAll('\n', '\\n'),
      text.replaceAll('\n', '\r\n'),
      text.replaceAll('\n', ' '),
      `"${text.replaceAll('\n', '\\n')}"`,
      `'${text}'`,
      Buffer.from(text).toString('base64'),
      `  ${text}\n\n`,
      text.replaceAll('\n', '\n    '),
      text.replaceAll('\n', '\\\n'),
      text
        .trim()
        .split('\n')
        .map((line) => `"${line}"`)
        .join(',\n'),
      encodeURIComponent(text),
      text.replaceAll('-----', '\u2014\u2014-'),
      text.replaceAll(/-----(BEGIN|END) ([A-Z ]+)-----/g, '----- $1 $2 -----'),
      Buffer.from(text)
        .toString('base64')
        .replaceAll(/(.{76})/g, '$1\n'),
      Buffer.from(text).toString('base64url'),
      `\ufeff${text}`,
    ];
    for (const packed of packings) expect(read({ privateKey: packed })).toHaveProperty('privateKey');
  });

  it.each([
    ['PKCS #8', pair.privateKey.export({ type: 'pkcs8', format: 'der' })],
    ['SEC 1', pair.privateKey.export({ type: 'sec1', format: 'der' })],
  ])('holds the bare bytes of a key: %s', (_, der) => {
    for (const packed of [der.toString('base64'), `"${der.toString('base64')}"\n`])
      expect(read({ privateKey: packed })).toHaveProperty('privateKey');
  });

  it('keeps the quotes and blanks of a file of settings out of every field', () => {
    const { authToken } = read({ authToken: `'Bearer ${dfnsToken()}' ` }) as unknown as { authToken: Secret };
    expect(authToken.expose()).toMatch(/^eyJ/);
    expect(read({ baseUrl: ' "https://api.dfns.io/" ', credentialId: "'cr-1a2b3'" })).toMatchObject({
      credentialId: 'cr-1a2b3',
    });
  });

  it.each([
    ['as it is', (json: string) => json],
    ['with a mark of UTF-8', (json: string) => `\ufeff${json}`],
    ['with a line feed', (json: string) => `${json}\r\n`],
    ['encoded twice', (json: string) => JSON.stringify(json)],
  ])('is read of every other secret too: %s', async (_, pack) => {
    const stored = (value: object) => new Secret(pack(JSON.stringify(value)));
    for (const wrap of [(text: string) => text, (text: string) => ` "${text}"\n`, (text: string) => `'${text}'`]) {
      const text = 'abcdef0123456789abcdef0123456789';
      const now = new Date();
      expect(parseSigningSecrets({ current: stored({ signingSecret: wrap(text) }) }, now).current.expose()).toBe(text);
      expect(parseBotToken({ current: stored({ botToken: wrap('xoxb-1-2-3') }) }).expose()).toBe('xoxb-1-2-3');
      const read = async () => ({ current: stored({ secret: wrap(text) }) });
      const keys = createKeyring({ names: ['gitleaks'], read, refresh: read, now: () => now });
      expect((await keys.keys('gitleaks')).current.expose()).toBe(text);
    }
    expect(parseFingerprintKey(stored({ key: 'k'.repeat(40) }))).toBe('k'.repeat(40));
  });

  it.each([
    ["a key in OpenSSH's form", OPENSSH, "privateKey is in OpenSSH's own form"],
    ['half a key', pem.slice(0, 90), 'privateKey has no end'],
    ['an encrypted key', encrypted, 'privateKey is encrypted'],
    ['a public key', publicKey, 'privateKey is a public key'],
    ['two private keys', pem + sec1, 'privateKey holds several private keys'],
    ['something else', 'hello', 'privateKey is not a private key in PEM'],
    ['nothing', ' ', 'privateKey is missing'],
    ['null', null, 'privateKey is missing'],
  ])('is refused with the right words: %s', (_, privateKey, words) => {
    expect(() => read({ privateKey })).toThrow(expect.objectContaining({ detail: expect.stringContaining(words) }));
  });

  it('takes null and empty texts for absent, and a mark of UTF-8 and a second encoding for nothing', () => {
    expect(read({ orgId: null, userId: '', credentialId: ' ' })).not.toHaveProperty('credentialId');
    const text = JSON.stringify(credential());
    for (const stored of [`\ufeff${text}`, `${text}\n`, JSON.stringify(text)]) {
      expect(parseCredential('p', stored)).toHaveProperty('privateKey');
    }
  });

  it('says that a line break stands inside a text', () => {
    const broken = JSON.stringify(credential()).replaceAll('\\n', '\n');
    expect(() => parseCredential('p', broken)).toThrow(
      expect.objectContaining({ detail: expect.stringContaining('line break') }),
    );
    expect(() => parseCredential('p', '{"a":')).toThrow(
      expect.objectContaining({ detail: 'profile p: its secret is not JSON' }),
    );
  });
});
