import type { Token } from '#shared/core/vocabulary.ts';
import type { Candidate } from '../provider.ts';
import type { Clue } from './clue.ts';

type ClaimsKind =
  | 'claims_half'
  | 'claims_untold'
  | 'claims_name'
  | 'claims_fit_several'
  | 'claims_only_active'
  | 'claims_owner';

const toWeak = (tokens: readonly Token[], kind: ClaimsKind): Candidate[] =>
  tokens.map((token) => ({ token, grade: 'weak', because: [{ kind }] }));

/** How far `iat` and the creation date of one token may be apart; that they agree is not documented. */
export const ISSUE_TOLERANCE_SECONDS = 60;

/** True where a token may have been made when the claims say that it was issued. */
export function isIssuedAt({ createdAt }: Pick<Token, 'createdAt'>, seconds: number): boolean {
  return createdAt !== undefined && Math.abs(Date.parse(createdAt) / 1000 - seconds) <= ISSUE_TOLERANCE_SECONDS;
}

/** True for a token that is plainly another one than a clue's: it has another id, or was made at another time. */
export function isAnother(token: Token, { tokenId = token.id, issuedAt }: Pick<Clue, 'tokenId' | 'issuedAt'>): boolean {
  if (tokenId !== token.id) return true;
  return issuedAt !== undefined && token.createdAt !== undefined && !isIssuedAt(token, issuedAt);
}

/**
 * Grades the tokens that a Dfns clue may mean. Claims are signed by nobody we can ask, so that they never make a match
 * `exact`; a token of another organisation or user than the claims name is no candidate. One of which Dfns does not tell the
 * user is none for sure.
 */
export function gradeTokens(tokens: readonly Token[], clue: Clue): readonly Candidate[] {
  const { organizationId, tenantId, userId, issuedAt, tokenId } = clue;
  if (organizationId === undefined && userId === undefined) return [];
  const inside = tokens.filter(
    (token) => (organizationId ?? token.organizationId) === (token.organizationId ?? organizationId),
  );
  const possible = inside.filter((token) => userId === undefined || token.owner?.id === userId);
  // Whose it is may be told; which of their tokens it is, nobody can: it is none.
  if (clue.isOtherKind) return userId === undefined ? [] : toWeak(possible, 'claims_owner');
  const isOfThatTime = (token: Token) => issuedAt !== undefined && isIssuedAt(token, issuedAt);
  const created = possible.filter(isOfThatTime);
  // Tokens and rows of a tenant's users may name the tenant instead of an organisation.
  if ((organizationId ?? tenantId) === undefined || userId === undefined) {
    return toWeak(created, 'claims_half');
  }
  const untold = inside.filter((one) => one.owner === undefined && (isOfThatTime(one) || one.id === tokenId));
  if (untold.length > 0) return [...toWeak(created, 'claims_fit_several'), ...toWeak(untold, 'claims_untold')];
  const agreed = created.filter(({ id }) => tokenId === undefined || tokenId === id);
  if (agreed[0] && agreed.length === 1) {
    return [{ token: agreed[0], grade: 'strong', because: [{ kind: 'claims_agree' }] }];
  }
  const named = possible.filter((token) => token.id === tokenId);
  if (created.length === 0 && named.length > 0) {
    return toWeak(named, 'claims_name');
  }
  if (created.length > 0) {
    const both = [...new Set([...named, ...created])];
    return toWeak(both, 'claims_fit_several');
  }
  const active = possible.filter((token) => token.state === 'active');
  if (active.length === 1) return toWeak(active, 'claims_only_active');
  return toWeak(possible, 'claims_owner');
}
