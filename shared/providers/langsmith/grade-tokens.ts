import type { Token } from '#shared/core/vocabulary.ts';
import type { Candidate } from '../provider.ts';
import type { Clue } from './clue.ts';
import { compareShortKey, ENOUGH_EVIDENCE } from './compare-short-key.ts';

/** Grades the keys that a LangSmith clue may mean: personal tokens among themselves, service keys among themselves. */
export function gradeTokens(
  tokens: readonly Token[],
  clue: Clue,
  fingerprint: (text: string) => string,
): readonly Candidate[] {
  const rows = tokens.filter(({ kind }) => kind === clue.kind);
  const exact = rows.find(({ id }) => clue.rowIdFingerprint !== undefined && fingerprint(id) === clue.rowIdFingerprint);
  if (exact) return [{ token: exact, grade: 'exact', because: "The leaked key spells this token's id." }];
  const matches = rows
    .map((token) => ({ token, ...compareShortKey(token.shortKey ?? '', clue) }))
    .filter(({ isPossible, evidence }) => isPossible && evidence > 0);
  const sure = matches.filter(({ evidence }) => evidence >= ENOUGH_EVIDENCE);
  const [only] = sure;
  if (only && sure.length === 1) {
    const because = `It alone matches the masked key, by ${only.evidence} secret characters.`;
    return [{ token: only.token, grade: 'strong', because }];
  }
  return (sure.length > 0 ? sure : matches).map(({ token, evidence }) => ({
    token,
    grade: 'weak',
    because:
      sure.length > 0 ? 'Several masked keys match.' : `The masked key shows only ${evidence} secret characters.`,
  }));
}
