import type { CheckedValidity, Token } from '#shared/core/vocabulary.ts';

/** What lies between our clock and a provider's, and the longest that a validity check waits. */
const CHECK_MS = 5_000;

/** Whether a token's last use, as its provider tells it, was Patrol's own: showing a leaked secret to its issuer is a use as well. */
export function isOwnCheck(
  { lastUsedAt }: Pick<Token, 'lastUsedAt'>,
  check: Pick<CheckedValidity, 'by' | 'checkedAt'> | undefined,
): boolean {
  if (lastUsedAt === undefined || check?.by !== 'issuer') return false;
  return Math.abs(Date.parse(lastUsedAt) - Date.parse(check.checkedAt)) <= CHECK_MS;
}
