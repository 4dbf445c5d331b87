import { createHash } from 'node:crypto';
import type { TokenRef } from '#shared/core/vocabulary.ts';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/**
 * Returns a case's id: `C-` and 16 characters of the SHA-256 of its key in base 32. A sender chooses part of some keys: 80
 * bits are too many to hit somebody else's case.
 */
export function caseId(key: string): string {
  const bytes = createHash('sha256').update(key).digest();
  const bits = [...bytes.subarray(0, 10)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const letters = bits.match(/.{5}/g)?.map((five) => BASE32[Number.parseInt(five, 2)] ?? '') ?? [];
  return `C-${letters.join('')}`;
}

/** Returns the key of the case about one token. */
export function tokenKey({ profile, id }: TokenRef): string {
  return `token:${profile}:${id}`;
}
