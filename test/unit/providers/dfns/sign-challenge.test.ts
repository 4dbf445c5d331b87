import { generateKeyPairSync, type KeyObject, verify } from 'node:crypto';
import { expect, it } from 'vitest';
import { renderAction, renderInit, signChallenge } from '#shared/providers/dfns/sign-challenge.ts';

const KEYS: readonly (readonly [string, { publicKey: KeyObject; privateKey: KeyObject }, 'sha256' | undefined])[] = [
  ['Ed25519', generateKeyPairSync('ed25519'), undefined],
  ['ECDSA', generateKeyPairSync('ec', { namedCurve: 'P-256' }), 'sha256'],
  ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }), 'sha256'],
];

it.each(KEYS)('signs exactly the challenge with an %s key, as its public key verifies', (_, keys, algorithm) => {
  const { clientData, signature } = signChallenge(keys.privateKey, 'a-challenge');
  const signed = Buffer.from(clientData, 'base64url');
  expect(signed.toString('utf8')).toBe('{"type":"key.get","challenge":"a-challenge"}');
  expect(verify(algorithm, signed, keys.publicKey, Buffer.from(signature, 'base64url'))).toBe(true);
  expect(verify(algorithm, Buffer.from('another'), keys.publicKey, Buffer.from(signature, 'base64url'))).toBe(false);
});

it('asks for the signing of one request, in the field order of the official SDK', () => {
  expect(renderInit({ method: 'PUT', path: '/auth/pats/to-1/deactivate', body: '{}' })).toBe(
    '{"userActionPayload":"{}","userActionHttpMethod":"PUT","userActionHttpPath":"/auth/pats/to-1/deactivate","userActionServerKind":"Api"}',
  );
});

it('answers a challenge with the credential and its signature, in the same order', () => {
  expect(renderAction('challenge-1', 'cred-1', { clientData: 'data', signature: 'sig' })).toBe(
    '{"challengeIdentifier":"challenge-1","firstFactor":{"kind":"Key","credentialAssertion":{"credId":"cred-1","clientData":"data","signature":"sig"}}}',
  );
});
