import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { caseHead } from '#shared/slack/blocks/case-words.ts';
import { caseTroubleWords } from '#shared/slack/blocks/case-trouble-words.ts';
import { render } from '#shared/slack/blocks/render.ts';
import { CASE_STATES } from '#shared/store/store.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import { NOW, operator, samples } from '#test/fixtures/outcomes.ts';
import { leakCase } from '#test/support/arbitraries/leak-case.ts';
import { outcomes } from '#test/support/arbitraries/outcomes.ts';

const PAGE = readFileSync('docs/runbook.md', 'utf8');
const rowsUnder = (heading: string): readonly (readonly string[])[] =>
  (PAGE.split(`${heading}\n`)[1]?.split(/^##/m)[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => line.split('|').map((cell) => cell.trim()));
/** The words in quotation marks of a cell. */
const quoted = (cell = ''): readonly string[] => [...cell.matchAll(/"([^"]+)"/g)].map(([, words = '']) => words);
const named = (rows: readonly (readonly string[])[]): readonly string[] =>
  rows.map(([, name = '']) => name.replaceAll('`', ''));

/** As much of what could be said as is needed to meet every wording. */
const sample = <T>(arbitrary: fc.Arbitrary<T>, numRuns = 400): readonly T[] =>
  fc.sample(arbitrary, { numRuns, seed: 13 });

describe('docs/runbook.md', () => {
  it('has a line for every state of a card, in words that such a card says', () => {
    const rows = rowsUnder('## Cards in the security channel');
    expect(named(rows)).toEqual(expect.arrayContaining([...CASE_STATES]));
    expect(rows).toHaveLength(CASE_STATES.length);
    const cases = sample(leakCase);
    for (const [, state = '', seen] of rows) {
      const heads = cases.filter((kase) => `\`${kase.state}\`` === state).map(caseHead);
      for (const words of quoted(seen))
        expect(
          heads.some((head) => head.includes(words)),
          `${state}: ${words}`,
        ).toBe(true);
    }
  });

  it('quotes reasons as cards give them', () => {
    const told = sample(leakCase, 1200)
      .map((kase) => caseTroubleWords(kase, { again: 'Try again' }))
      .join('\n');
    const rows = rowsUnder('### Why it is not revoked');
    expect(rows.length).toBeGreaterThan(5);
    for (const [, words] of rows) for (const each of quoted(words)) expect(told).toContain(each);
  });

  it('has a line for every kind of answer, in words that such an answer says', () => {
    const rows = rowsUnder('## Answers to `/pat`');
    expect(named(rows).toSorted()).toEqual(Object.keys(outcomes).toSorted());
    for (const [, kind = '', seen] of rows) {
      const own = kind.replaceAll('`', '') as keyof typeof outcomes;
      const say = (outcome: Outcome): string => render(outcome, { actor: operator, now: NOW }).text;
      const written = Object.values(samples)
        .filter((outcome) => outcome.kind === own)
        .map(say);
      const missing = quoted(seen).filter((words) => !written.some((text) => text.includes(words)));
      const made = missing.length === 0 ? [] : sample<Outcome>(outcomes[own], 100).map(say);
      expect.soft([kind, ...missing.filter((words) => !made.some((text) => text.includes(words)))]).toEqual([kind]);
    }
  });
});
