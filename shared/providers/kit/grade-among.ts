import type { Token } from '#shared/core/vocabulary.ts';
import type { Candidate } from '../provider.ts';

/** What a provider tells of its tokens beside a clue. */
interface Grading {
  readonly grade: (possible: readonly Token[]) => readonly Candidate[];
  /** True where a token is plainly another one than the clue's. */
  readonly isAnother: (token: Token) => boolean;
}

/**
 * Grades the tokens that the issuer itself named to whoever showed it the leaked secret; all of them where it named none. The
 * only one named is the one, whatever else the secret says, unless that contradicts it: an issuer may accept for minutes a
 * token that is gone, and then names those that are left.
 */
export function gradeAmong(
  tokens: readonly Token[],
  among: ReadonlySet<string> | undefined,
  { grade, isAnother }: Grading,
): readonly Candidate[] {
  if (among === undefined) return grade(tokens);
  const possible = tokens.filter(({ id }) => among.has(id));
  const graded = grade(possible);
  const [only] = possible;
  if (only === undefined || among.size > 1 || graded.some(({ contradicts }) => contradicts)) return graded;
  if (isAnother(only)) {
    return [{ token: only, grade: 'weak', because: [{ kind: 'named_but_another' }], contradicts: true }];
  }
  return [{ token: only, grade: 'exact', because: [{ kind: 'named_by_issuer' }] }];
}
