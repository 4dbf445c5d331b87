import { createHmac } from 'node:crypto';
import type { CheckValidity, ValidityAnswer } from '#shared/alerts/check-validity.ts';
import type { AlertRequest } from '#shared/alerts/source.ts';
import type { Secret } from '#shared/core/secret.ts';
import { findSecrets, toClue } from '#shared/providers/recognise.ts';

/** A fixed clock for alert tests: 2026-01-15T12:00:00Z. */
export const NOW = new Date('2026-01-15T12:00:00.000Z');
export const NOW_SECONDS = Math.floor(NOW.getTime() / 1000);
export const now = () => NOW;

const FINGERPRINT_KEY = 'fingerprint-key-for-tests-0123456789';
export const fingerprint = (text: string) => createHmac('sha256', FINGERPRINT_KEY).update(text).digest('hex');

/** A validity check where no issuer is asked, as when the policy switches it off. */
export const checkNothing: CheckValidity = async () => new Map();

/** What issuers say that accept every secret of ours in these texts. */
export function acceptAll(texts: readonly Secret[], print = fingerprint): ReadonlyMap<string, ValidityAnswer> {
  const clues = texts.flatMap((text) => findSecrets(text.expose()).flatMap((found) => toClue(found, print) ?? []));
  return new Map(
    clues.flatMap((clue) =>
      'fingerprint' in clue && clue.fingerprint !== undefined
        ? [[clue.fingerprint, { validity: 'valid', checkedAt: NOW.toISOString() }] as const]
        : [],
    ),
  );
}

/** Makes the request that a source sees. */
export function alertRequest(
  body: string | Buffer,
  headers: Record<string, string | readonly string[]> = {},
  route: { readonly subpath?: string; readonly method?: string } = {},
): AlertRequest {
  return {
    subpath: route.subpath ?? '',
    method: route.method ?? 'POST',
    headers: new Map(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), typeof value === 'string' ? [value] : value]),
    ),
    body: Buffer.from(body),
  };
}
