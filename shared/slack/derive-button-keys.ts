import { deriveKey } from '#shared/secrets/derive-key.ts';
import type { ButtonKeys } from './encrypt-values.ts';

/** Derives what signs and what encrypts the values of a stage's buttons. */
export function deriveButtonKeys(fingerprintKey: string): ButtonKeys {
  return { sign: deriveKey(fingerprintKey, 'buttons'), encrypt: deriveKey(fingerprintKey, 'button-cipher') };
}
