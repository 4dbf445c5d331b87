import type { Token } from '#shared/core/vocabulary.ts';
import type { Candidate } from '../provider.ts';

/**
 * Grades the tokens that the issuer itself named to whoever showed it the leaked secret; all of them where it named none. The
 * only one named is the one, whatever else the secret says, unless that contradicts it.
 */
export function gradeAmong(
  tokens: readonly Token[],
  among: ReadonlySet<string> | undefined,
  grade: (possible: readonly Token[]) => readonly Candidate[],
): readonly Candidate[] {
  if (among === undefined) return grade(tokens);
  const possible = tokens.filter(({ id }) => among.has(id));
  const graded = grade(possible);
  const [only] = possible;
  if (only === undefined || among.size > 1 || graded.some(({ contradicts }) => contradicts)) return graded;
  return [{ token: only, grade: 'exact', because: [{ kind: 'named_by_issuer' }] }];
}
