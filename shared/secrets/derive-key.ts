import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

/** What a key of its own is derived for. Two purposes never share a key, so that one's MAC says nothing at the other. */
export type KeyPurpose = 'jobs' | 'buttons' | 'button-cipher';

/** Derives the 32-byte key of one purpose from the stage's fingerprint key, which AWS made and nobody has seen (HKDF, RFC 5869). */
export function deriveKey(fingerprintKey: string, purpose: KeyPurpose): KeyObject {
  return createSecretKey(new Uint8Array(hkdfSync('sha256', fingerprintKey, '', `patrol ${purpose}`, 32)));
}
