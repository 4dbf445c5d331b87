import type { CheckedValidity, Token } from '#shared/core/vocabulary.ts';
import { isOwnCheck } from './is-own-check.ts';

const RECENT_USE_MS = 3_600_000;

/**
 * Whether somebody used a token in the last hour, as its provider tells. Patrol's own validity check is not somebody's, or
 * else an issuer that answers too late would always make its own token look busy.
 */
export function wasUsedRecently(
  { lastUsedAt }: Pick<Token, 'lastUsedAt'>,
  now: Date,
  check: Pick<CheckedValidity, 'by' | 'checkedAt'> | undefined,
): boolean {
  if (lastUsedAt === undefined) return false;
  return !isOwnCheck({ lastUsedAt }, check) && now.getTime() - Date.parse(lastUsedAt) < RECENT_USE_MS;
}
