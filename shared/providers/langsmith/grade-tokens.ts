import type { Fingerprint } from '#shared/core/fingerprint.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import type { Candidate } from '../provider.ts';
import type { Clue } from './clue.ts';
import { compareShortKey, isEnoughAmong } from './compare-short-key.ts';
import { sealedEnds } from './key-ends.ts';

/** True for a key that is plainly another one than a clue's: its masked key says so. */
export function isAnother({ shortKey = '' }: Token, clue: Clue, fingerprint: Fingerprint): boolean {
  return !compareShortKey(shortKey, sealedEnds(clue, fingerprint)).isPossible;
}

/**
 * Grades the keys that a LangSmith clue may mean: personal tokens among themselves, service keys among themselves. A row
 * whose masked key is another's is no match, and one whose id the key spells all the same is a contradiction.
 */
export function gradeTokens(tokens: readonly Token[], clue: Clue, fingerprint: Fingerprint): readonly Candidate[] {
  const ends = sealedEnds(clue, fingerprint);
  const rows = tokens
    .filter(({ kind }) => kind === clue.kind)
    .map((token) => ({ token, ...compareShortKey(token.shortKey ?? '', ends) }));
  const { rowIdFingerprint } = clue;
  const spelt = rows.find(({ token }) => rowIdFingerprint !== undefined && fingerprint(token.id) === rowIdFingerprint);
  if (spelt?.isPossible === false) return [forged(spelt.token)];
  if (spelt) return [{ token: spelt.token, grade: 'exact', because: [{ kind: 'spells_id' }] }];
  const matches = rows.filter(({ isPossible, evidence }) => isPossible && evidence > 0);
  const sure = matches.filter(({ evidence }) => isEnoughAmong(evidence, rows.length));
  const [only] = sure;
  if (only && sure.length === 1) {
    return [{ token: only.token, grade: 'strong', because: [{ kind: 'masked_key', characters: only.evidence }] }];
  }
  return (sure.length > 0 ? sure : matches).map(({ token, evidence }) => ({
    token,
    grade: 'weak',
    because: [
      sure.length > 0
        ? ({ kind: 'masked_keys' } as const)
        : ({ kind: 'few_characters', characters: evidence, among: rows.length } as const),
    ],
  }));
}

function forged(token: Token): Candidate {
  return { token, grade: 'weak', because: [{ kind: 'spells_another' }], contradicts: true };
}
