import type { Secret } from '#shared/core/secret.ts';

/**
 * How a leaked secret is shown once to its issuer, to learn whether it is genuine (secret scanners call it a validity
 * check): one harmless read. Pure: whoever sends it bounds it in time, follows no redirect and keeps nothing else of it.
 */
export interface ValidityCheck {
  /** The read, at one issuer's address. Its headers hold the secret, and go nowhere else. */
  request(secret: Secret, issuer: URL): { readonly url: URL; readonly headers: Readonly<Record<string, string>> };
  /**
   * Reads a 200. `undefined` for a body that is not the issuer's, so that a page of something in between proves nothing; and for
   * a list with a row that cannot be read, which may be the secret's own.
   */
  named(json: unknown, secret: Secret): NamedTokens | undefined;
}

/** What an issuer tells of the tokens of a secret's own identity, one of which it is. */
export interface NamedTokens {
  /** Their ids; where they are many, of those that may be this secret. */
  readonly tokenIds: readonly string[];
  /** The only one of them that may be this secret, as far as their rows tell: nothing is decided by it. */
  readonly likely?: string;
}

/** More tokens than these are told apart by what is known of the secret. */
export const MANY_TOKENS = 100;

/** Names the tokens of these rows: all of them, unless they are many, and the one that alone may be the secret. */
export function namedAmong<T>(
  rows: readonly T[],
  isPossible: (row: T) => boolean,
  idOf: (row: T) => string,
): NamedTokens {
  const possible = rows.filter(isPossible);
  const [only, ...others] = possible.map(idOf);
  const tokenIds = (rows.length > MANY_TOKENS ? possible : rows).map(idOf);
  return only === undefined || others.length > 0 ? { tokenIds } : { tokenIds, likely: only };
}
