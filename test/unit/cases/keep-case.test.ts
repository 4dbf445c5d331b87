import { describe, expect, it } from 'vitest';
import { withReport } from '#shared/cases/keep-case.ts';
import type { CheckedValidity } from '#shared/core/vocabulary.ts';
import type { Clue } from '#shared/providers/clue.ts';
import { unmatched } from '#test/fixtures/outcomes.ts';

const checked = (validity: CheckedValidity['validity']): CheckedValidity => ({
  ...{ validity, by: 'issuer', checkedAt: '2026-11-22T12:00:00.000Z' },
});

describe('what a later report says of whether the secret is genuine', () => {
  const own = unmatched.clue!;
  const other: Clue = { form: 'hashed', hmsl: 'ef'.repeat(32) };

  it.each<[CheckedValidity['validity'], Clue | undefined, CheckedValidity['validity']]>([
    ['unknown', own, 'valid'],
    ['unknown', undefined, 'valid'],
    ['unknown', other, 'unknown'],
    ['invalid', own, 'invalid'],
    ['valid', own, 'valid'],
  ])('(%s) takes a proof away only where it knows better, or is about another secret', (told, clue, becomes) => {
    const report = { key: 'later', validity: checked(told) };
    const evidence = { source: 'gitleaks', report, clue, candidates: [], receivedAt: '2026-11-22T12:01:00.000Z' };
    const kase = withReport({ ...unmatched, state: 'unsearched', validity: checked('valid') }, evidence);
    expect(kase.validity).toEqual(checked(becomes));
  });
});
