import type { Report } from '#shared/jobs/job.ts';
import { sha256Hex } from '#shared/core/hmac-sha256.ts';
import type { Clue } from '#shared/providers/clue.ts';
import type { Case } from '#shared/store/store.ts';
import { without } from '#shared/core/without.ts';

/** Returns what names a clue, the same however often and by whomever it is reported. */
export function clueKey(clue: Clue): string | undefined {
  if (clue.form === 'named') return `clue:${sha256Hex(JSON.stringify([clue.provider, clue.profile, clue.tokenId]))}`;
  const hash = clue.fingerprint ?? (clue.form === 'hashed' ? clue.hmsl : undefined);
  return hash === undefined ? undefined : `clue:${hash}`;
}

function locatorKey({ kind, repository, number }: NonNullable<Report['locator']>): string {
  return `clue:${sha256Hex(JSON.stringify([kind, repository, number]))}`;
}

function contentKey(report: Report): string {
  return `clue:${sha256Hex(JSON.stringify(without(report, 'key', 'among')))}`;
}

/** Names the note that tells under which clue the secret was known that a report without one only pointed to. */
export function clueNote(report: Report): string | undefined {
  return report.locator === undefined ? undefined : `clue-of:${locatorKey(report.locator)}`;
}

/** Names a case's card among all messages. */
export function cardOf({ id }: Pick<Case, 'id'>): string {
  return `case:${id}`;
}

/** Names what whoever is at work on a case holds. */
export function atWorkKey(id: string): string {
  return `case:${id}`;
}

/**
 * Returns the keys under which a leak may already have a case, best first: by its clue, by the place that its secret is
 * fetched from, else by its content, so that the same finding reported again has the same one.
 */
export function caseKeys(report: Report, clue: Clue | undefined): readonly [string, ...string[]] {
  const keys = [
    clue === undefined ? undefined : clueKey(clue),
    report.locator === undefined ? undefined : locatorKey(report.locator),
  ].filter((key) => key !== undefined);
  const [first, ...others] = keys;
  return first === undefined ? [contentKey(report)] : [first, ...others];
}
