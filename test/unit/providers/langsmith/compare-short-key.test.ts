import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareShortKey, isEnoughAmong } from '#shared/providers/langsmith/compare-short-key.ts';
import { Secret } from '#shared/core/secret.ts';
import type { Clue } from '#shared/providers/langsmith/clue.ts';
import { plainEnds, sealedEnds } from '#shared/providers/langsmith/key-ends.ts';
import { recognise } from '#shared/providers/recognise.ts';
import { fingerprint, langsmithKey } from '#test/support/leaks.ts';
import { anyCharacter } from '#test/support/arbitraries/any-character.ts';

const KEY = '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';
const key = plainEnds(KEY);
const sealed = sealedEnds(recognise(new Secret(KEY), fingerprint) as Clue, fingerprint);

describe('compareShortKey', () => {
  it.each([
    ['lsv2_pt_1f3a…ed3e', 8],
    ['lsv2_pt_1f3a...ed3e', 8],
    ['lsv2_pt_1f3a****ed3e', 8],
    ['lsv2_pt_1f3a••••••••ed3e', 8],
    ['lsv2_..._....cbed3e', 6],
    ['lsv2_pt_...cbed3e', 6],
    ['…cbed3e', 6],
    ['lsv2_pt_1f3a', 4],
    ['lsv2_pt_1f3a…', 4],
    ['lsv2_pt_1f3a5b7c9d9d', 8],
    ['lsv2_pt_cbed3e', 0],
    ['cbed3e', 0],
    ['lsv2_pt_1f…3e', 4],
    ['lsv2_pt_1…3e', 3],
    ['lsv2_pt_', 0],
    ['…', 0],
    ['***', 0],
    ['', 0],
    ['lsv2_...', 0],
    ['a0a0a066cbed3e', 0],
  ])('takes %j for possible, by %i secret characters', (shortKey, evidence) => {
    expect(compareShortKey(shortKey, key)).toEqual({ isPossible: true, evidence });
  });

  it.each([
    'lsv2_pt_1f3b…ed3e',
    'lsv2_pt_1f3a…ed3f',
    'lsv2_sk_1f3a…ed3e',
    'lsv2_sk_cbed3e',
    'lsv2_pt_1f3b',
    'lsv2_pt_cbed3f',
    'cbed3f',
    '...bed3f',
  ])('rules out %j', (shortKey) => {
    expect(compareShortKey(shortKey, key)).toEqual({ isPossible: false, evidence: 0 });
  });

  it.each([
    ['lsv2_pt_1f3a…ed3e', 8],
    ['lsv2_pt_1f3a5b7c9d…', 8],
    ['lsv2_pt_1f3…ed3e', 4],
    ['lsv2_pt_1f3…3e', 0],
    ['lsv2_pt_ff…', 0],
  ])('compares %j with a key that is gone, from four characters on: %i', (shortKey, evidence) => {
    expect(compareShortKey(shortKey, sealed)).toEqual({ isPossible: true, evidence });
  });

  it.each(['lsv2_pt_1f3b…ed3e', 'lsv2_pt_1f3a…ed3f', 'lsv2_sk_1f3a…ed3e', 'lsv2_pt_1f3b5'])(
    'rules out %j for a key that is gone',
    (shortKey) => {
      expect(compareShortKey(shortKey, sealed)).toEqual({ isPossible: false, evidence: 0 });
    },
  );

  it('never rules a key out by a mask of its own, and never counts more than is shown', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('pt' as const, 'sk' as const).map((type) => langsmithKey(type)),
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: 0, max: 12 }),
        fc.constantFrom('…', '...', '****', '••', '..'),
        (raw, shown, end, mask) => {
          const shortKey = raw.slice(0, shown) + mask + (end === 0 ? '' : raw.slice(-end));
          const { isPossible, evidence } = compareShortKey(shortKey, plainEnds(raw));
          expect(isPossible).toBe(true);
          expect(evidence).toBe(Math.max(0, Math.min(shown, 16) - 8) + Math.min(end, 8));
        },
      ),
    );
  });

  it('never throws on foreign text', () => {
    fc.assert(fc.property(fc.string({ unit: anyCharacter }), (text) => compareShortKey(text, key).evidence <= 16));
  });
});

describe('isEnoughAmong', () => {
  it.each([
    [4, 1, false],
    [5, 1, true],
    [7, 1000, false],
    [8, 1000, true],
    [8, 5000, false],
    [9, 5000, true],
  ])('for %i characters among %i rows: %s', (characters, rows, isEnough) => {
    expect(isEnoughAmong(characters, rows)).toBe(isEnough);
  });
});
