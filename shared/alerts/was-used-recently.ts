import type { CheckedValidity, Token } from '#shared/core/vocabulary.ts';

const RECENT_USE_MS = 3_600_000;

/** What lies between our clock and a provider's, and the longest that a validity check waits. */
const CHECK_MS = 5_000;

/**
 * Whether somebody used a token in the last hour, as its provider tells. Patrol's own validity check is a use as well: one at
 * that time is not somebody's, or else an issuer that answers too late would always make its own token look busy.
 */
export function wasUsedRecently(
  { lastUsedAt }: Pick<Token, 'lastUsedAt'>,
  now: Date,
  check: Pick<CheckedValidity, 'by' | 'checkedAt'> | undefined,
): boolean {
  if (lastUsedAt === undefined) return false;
  const usedMs = Date.parse(lastUsedAt);
  const isOurs = check?.by === 'issuer' && Math.abs(usedMs - Date.parse(check.checkedAt)) <= CHECK_MS;
  return !isOurs && now.getTime() - usedMs < RECENT_USE_MS;
}
