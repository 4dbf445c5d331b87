import { createHash } from 'node:crypto';
import type { Report } from '#shared/jobs/job.ts';
import { sha256Hex } from '#shared/core/hmac.ts';
import type { TokenRef } from '#shared/core/vocabulary.ts';
import type { Clue } from '#shared/providers/clue.ts';
import { without } from '#shared/core/without.ts';

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
  return `clue:${sha256Hex(JSON.stringify(without(report, 'key')))}`;
}

/**
 * Returns the keys under which a leak may already have a case, best first: by its clue, by the place that its secret is
 * fetched from, else by its content, so that the same finding reported again has the same one.
 */
export function keysOf(report: Report, clue: Clue | undefined): readonly [string, ...string[]] {
  const keys = [
    clue === undefined ? undefined : clueKey(clue),
    report.locator === undefined ? undefined : locatorKey(report.locator),
  ].filter((key) => key !== undefined);
  const [first, ...others] = keys;
  return first === undefined ? [contentKey(report)] : [first, ...others];
}
