import type { Secret } from '#shared/core/secret.ts';

/**
 * How a leaked secret is shown once to its issuer, to learn whether it is genuine (secret scanners call it a validity
 * check): one harmless read. Pure: whoever sends it bounds it in time, follows no redirect and keeps nothing else of it.
 */
export interface ValidityCheck {
  /** The read, at one issuer's address. Its headers hold the secret, and go nowhere else. */
  request(secret: Secret, issuer: URL): { readonly url: URL; readonly headers: Readonly<Record<string, string>> };
  /**
   * Reads a 200: ids of the tokens that the secret's own identity has, one of which it is; where they are many, of those that
   * may be this secret. `undefined` for a body that is not the issuer's, so that a page of something in between proves nothing.
   */
  tokenIds(json: unknown, secret: Secret): readonly string[] | undefined;
}

/** More tokens than these are told apart by what is known of the secret. */
export const MANY_TOKENS = 100;

/** The rows that may be the secret: all of them, unless they are many. */
export function possibleAmong<T>(rows: readonly T[], isPossible: (row: T) => boolean): readonly T[] {
  return rows.length > MANY_TOKENS ? rows.filter(isPossible) : rows;
}
