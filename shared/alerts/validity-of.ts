import { defined } from '#shared/core/defined.ts';
import { hintedProvider } from './hinted-provider.ts';
import type { CheckedValidity } from '#shared/core/vocabulary.ts';
import type { Clue } from '#shared/providers/clue.ts';
import type { ValidityAnswer } from './check-validity.ts';

/**
 * What is known of whether a leaked secret is genuine: its issuer's own word, else the scanner's. A scanner's word is about
 * what its detector knows how to try, so that one whose name does not say the clue's provider proves nothing: a URL is "verified"
 * by a host of anybody's, and a JWT by whoever signed it.
 */
export function validityOf(
  clue: Clue | undefined,
  told: {
    /** True where the scanner itself tried the secret and it worked. */
    readonly verified: boolean | undefined;
    /** What the scanner calls the secret that it tried. */
    readonly detector: string | undefined;
    /** What the issuers said, by the secret's fingerprint. */
    readonly validities: ReadonlyMap<string, ValidityAnswer>;
    /** ISO 8601. */
    readonly receivedAt: string;
  },
): CheckedValidity | undefined {
  const fingerprint = clue !== undefined && 'fingerprint' in clue ? clue.fingerprint : undefined;
  const answer = fingerprint === undefined ? undefined : told.validities.get(fingerprint);
  const isTried = told.verified === true && hintedProvider(told.detector) === clue?.provider;
  if (answer !== undefined && (answer.validity !== 'unknown' || !isTried)) {
    return { ...answer, by: 'issuer' };
  }
  if (!isTried) return undefined;
  return { validity: 'valid', by: 'scanner', checkedAt: told.receivedAt, ...defined({ shown: answer?.shown }) };
}
