import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkBlocks } from '#infra/sandbox/slack/block-check/check-blocks.ts';
import type { RollUp } from '#shared/cases/roll-ups.ts';
import { caseState } from '#shared/slack/blocks/case-words.ts';
import { rollUpMessage } from '#shared/slack/blocks/roll-up-message.ts';
import type { Case } from '#shared/store/store.ts';
import { unmatched } from '#test/fixtures/outcomes.ts';
import { leakCase } from '#test/support/arbitraries/leak-case.ts';
import { readAloud, strayMarkup, textsOf } from '#test/support/slack-text.ts';

const rollUp = (cases: readonly Case[], more: Partial<RollUp> = {}): RollUp => ({
  ...{ id: '1', since: '2026-11-22T14:00:00.000Z', isCut: false },
  cases,
  ...more,
});
const many = (length: number): Case[] =>
  Array.from({ length }, (_, index) => ({ ...unmatched, id: `C-${String(index).padStart(8, 'A')}` }));

describe('the message about many cases at once', () => {
  it('counts them by how they stand, names the first, and says where the others are', () => {
    const { text, blocks } = rollUpMessage(rollUp(many(38)), true);
    expect(text).toBe('38 more leaks reported, told together: 38 NOT revoked, no match.');
    const words = readAloud({ text, blocks });
    expect(words).toContain('And 18 more');
    expect(words).toContain('C-AAAAAAA0');
  });

  it('says "at least" where it could not count them all', () => {
    expect(rollUpMessage(rollUp(many(3), { isCut: true }), true).text).toMatch(/^At least 3 more leaks/);
  });

  it('says of each case that it names how it stands, stays within Slack, and no foreign text is more than a text', () => {
    fc.assert(
      fc.property(fc.array(leakCase, { minLength: 1, maxLength: 40 }), fc.boolean(), (cases, showWhere) => {
        const { blocks, text } = rollUpMessage(rollUp(cases), showWhere);
        expect(checkBlocks(blocks)).toEqual([]);
        for (const part of textsOf(blocks)) if (part.type === 'mrkdwn') expect(strayMarkup(part.text)).toEqual([]);
        for (const kase of cases) expect(text).toContain(caseState(kase).slice(0, 10));
      }),
      { numRuns: 50 },
    );
  });
});
