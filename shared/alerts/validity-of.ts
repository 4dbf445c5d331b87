import { defined } from '#shared/core/defined.ts';
import type { CheckedValidity } from '#shared/core/vocabulary.ts';
import type { Clue } from '#shared/providers/clue.ts';
import type { ValidityAnswer } from './check-validity.ts';

/** What is known of whether a leaked secret is genuine: its issuer's own word, else the scanner's. */
export function validityOf(
  clue: Clue | undefined,
  told: {
    /** True where the scanner itself tried the secret and it worked. */
    readonly verified: boolean | undefined;
    /** What the issuers said, by the secret's fingerprint. */
    readonly validities: ReadonlyMap<string, ValidityAnswer>;
    /** ISO 8601. */
    readonly receivedAt: string;
  },
): CheckedValidity | undefined {
  const fingerprint = clue !== undefined && 'fingerprint' in clue ? clue.fingerprint : undefined;
  const answer = fingerprint === undefined ? undefined : told.validities.get(fingerprint);
  if (answer !== undefined && (answer.validity !== 'unknown' || told.verified !== true)) {
    return { ...answer, by: 'issuer' };
  }
  if (told.verified !== true) return undefined;
  return { validity: 'valid', by: 'scanner', checkedAt: told.receivedAt, ...defined({ shown: answer?.shown }) };
}
