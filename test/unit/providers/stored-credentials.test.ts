import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseCredential } from '#shared/providers/clients.ts';
import { dfnsToken } from '#test/support/leaks.ts';

const PARAMETERS = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const sec1 = pair.privateKey.export({ type: 'sec1', format: 'pem' }).toString();
const encrypted = pair.privateKey
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' })
  .toString();
const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();

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
    ];
    for (const packed of packings) expect(read({ privateKey: packed })).toHaveProperty('privateKey');
  });

  it.each([
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
