import type { Claims } from './claims.ts';
import { isSameCredential } from './choose-credential.ts';
import { isIssuedAt } from './grade-tokens.ts';
import type { Pat } from './pat.ts';

interface Self {
  readonly credentialId?: string;
  /** Claims of the token that we work with. */
  readonly claims: Claims;
}

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
  return isIssuedAt(pat, claims.issuedAt);
}
