import type { Claims } from './claims.ts';
import { isSameCredential } from './choose-credential.ts';
import type { Pat } from './pat.ts';

interface Self {
  readonly credentialId?: string;
  /** Claims of the token that we work with. */
  readonly claims: Claims;
}

/** How far `iat` and the creation date of the same token may be apart; that they agree is not documented. */
const TOLERANCE_SECONDS = 60;

/**
 * Tells whether a PAT is the one we work with. Where nothing can tell, it could be, and then it counts as ours: a token
 * too many is spared, our own branch never sawn off.
 */
export function isOwnPat(pat: Pat, self: Self): boolean {
  const { claims, credentialId } = self;
  if (claims.tokenId === pat.id) return true;
  if (claims.userId !== undefined && pat.userId !== '' && claims.userId !== pat.userId) return false;
  if (credentialId !== undefined && pat.credentialId !== '') {
    const isSame = isSameCredential(credentialId, pat.credentialId);
    if (isSame !== undefined) return isSame;
  }
  if (claims.issuedAt === undefined || pat.createdAt === undefined) return true;
  return Math.abs(Date.parse(pat.createdAt) / 1000 - claims.issuedAt) <= TOLERANCE_SECONDS;
}
