import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchWords } from '#shared/cases/match-words.ts';
import { because } from '#test/support/arbitraries/match-reason.ts';

describe('matchWords', () => {
  it('tells every reason in a sentence, in the order of the reasons', () => {
    fc.assert(
      fc.property(because, (reasons) => {
        const words = matchWords(reasons);
        expect(words).toBe(reasons.map((reason) => matchWords([reason])).join(' '));
        for (const reason of reasons) expect(matchWords([reason])).toMatch(/^[A-Z0-9].*\.$/);
        expect(words).not.toMatch(/undefined|NaN|\[object/);
      }),
    );
  });

  it('says "Looks forged" of the two contradictions alone', () => {
    const forged = (reason: Parameters<typeof matchWords>[0][number]) => /Looks forged/.test(matchWords([reason]));
    expect(forged({ kind: 'spells_another' })).toBe(true);
    expect(forged({ kind: 'refused_by_issuer' })).toBe(true);
    expect(forged({ kind: 'spells_id' })).toBe(false);
    expect(forged({ kind: 'named_but_another' })).toBe(false);
    expect(forged({ kind: 'proved', by: 'issuer' })).toBe(false);
  });
});
