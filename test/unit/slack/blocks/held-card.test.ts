import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkBlocks } from '#infra/sandbox/slack/block-check/check-blocks.ts';
import type { HeldCase } from '#shared/cases/held-cases.ts';
import { heldCard } from '#shared/slack/blocks/held-card.ts';
import { decodeHeld } from '#shared/slack/blocks/press.ts';
import { foreignText } from '#test/support/arbitraries/text.ts';
import { strayMarkup, textsOf } from '#test/support/slack-text.ts';

const context = {
  profile: 'langsmith-demo',
  now: new Date('2026-11-22T14:00:00Z'),
  brake: { kills: 3, minutes: 10 },
  most: 200,
};
const one = (number: number): HeldCase => ({ number, caseId: `C-${String(number).padStart(8, 'A')}`, name: 'x' });
const many = (length: number) => Array.from({ length }, (_, index) => one(index + 1));
const buttonOf = (card: ReturnType<typeof heldCard>) =>
  card.blocks
    .flatMap((block) => (block.type === 'actions' ? block.elements : []))
    .find(({ type }) => type === 'button');

describe('the card of a brake', () => {
  it('says how many match, that they live, and asks for all of them with one button', () => {
    const card = heldCard({ held: many(9), decided: 0, last: 9 }, context);
    expect(card.text).toContain('9 more leaked tokens match in `langsmith-demo`. NOT revoked: go on?');
    expect(card.text).toContain('3 of one profile within 10 minutes');
    const button = buttonOf(card);
    expect(button).toMatchObject({ text: { text: 'Deactivate all 9' }, style: 'danger' });
    expect(decodeHeld((button as { value: string }).value)).toEqual({ profile: 'langsmith-demo', upTo: 9 });
  });

  it('offers no more in one press than the policy allows in one request', () => {
    const button = buttonOf(heldCard({ held: many(9), decided: 0, last: 9 }, { ...context, most: 4 }));
    expect(button).toMatchObject({ text: { text: 'Deactivate the first 4' } });
    expect(decodeHeld((button as { value: string }).value)?.upTo).toBe(4);
  });

  it('asks for nothing when nothing is held back any more', () => {
    const card = heldCard({ held: [], decided: 9, last: 9 }, context);
    expect(card.text).toBe('The brake holds nothing back in `langsmith-demo` any more: 9 cases decided.');
    expect(buttonOf(card)).toBeUndefined();
  });

  it('stays within Slack, and no name in it is more than a text', () => {
    const held = fc.array(fc.record({ name: foreignText, owner: foreignText }), { maxLength: 60, size: 'max' });
    fc.assert(
      fc.property(held, (names) => {
        const card = heldCard(
          { held: names.map((name, index) => ({ ...one(index + 1), ...name })), decided: 1, last: 60 },
          context,
        );
        expect(checkBlocks(card.blocks)).toEqual([]);
        for (const part of textsOf(card.blocks)) if (part.type === 'mrkdwn') expect(strayMarkup(part.text)).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });
});
