import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkBlocks } from '#infra/sandbox/slack/block-check/check-blocks.ts';
import type { types } from '@slack/bolt';
import { LIMITS } from '#shared/slack/blocks/limits.ts';
import { type RenderContext, render } from '#shared/slack/blocks/render.ts';
import { plainForm } from '#shared/slack/plain-form.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import { outcomes } from '#test/support/arbitraries/outcomes.ts';
import { foreignText } from '#test/support/arbitraries/text.ts';
import { actor } from '#test/support/arbitraries/token.ts';
import { elementsOf, strayMarkup, textsOf } from '#test/support/slack-text.ts';

const now = new Date('2026-11-22T14:02:12Z');
const context: fc.Arbitrary<RenderContext> = fc.record(
  { actor, now: fc.constant(now), reason: foreignText, approvedBy: fc.array(actor), showWhere: fc.boolean() },
  { requiredKeys: ['actor', 'now'] },
);

describe('the request that a message answers', () => {
  const requestId = '1f0c2d3e-9a4b-4c5d-8e6f-001122334455';

  it('is named, short, wherever something went wrong, and nowhere else', () => {
    fc.assert(
      fc.property(fc.oneof(...Object.values(outcomes)), context, (outcome, given) => {
        const { blocks } = render(outcome, { ...given, requestId });
        const named = textsOf(blocks).filter(({ text }) => text.includes('request `1f0c2d3e`'));
        expect(named).toHaveLength(JSON.stringify(outcome).includes('"trouble":{') ? 1 : 0);
        expect(checkBlocks(blocks)).toEqual([]);
        expect(JSON.stringify(render(outcome, given))).not.toContain('1f0c2d3e');
      }),
      { numRuns: 200 },
    );
  });
});

/** What a person can press, whatever it is and wherever it stands. */
const pressable = (blocks: readonly types.KnownBlock[]) =>
  ['button', 'overflow', 'static_select'].flatMap((type) => elementsOf(blocks, type));
const words = (blocks: readonly types.KnownBlock[]) => {
  const read = JSON.parse(
    JSON.stringify(blocks, (key, value: unknown) => (/^(options|confirm)$/.test(key) ? undefined : value)),
  );
  return textsOf(read).reduce((sum, { text }) => sum + text.length, 0);
};

describe.each(Object.entries(outcomes) as [Outcome['kind'], fc.Arbitrary<Outcome>][])('whatever is in %s', (_, any) => {
  it('is valid Block Kit with a fallback text, and nothing foreign pings, links or hides', () => {
    fc.assert(
      fc.property(any, context, (outcome, given) => {
        const { text, blocks } = render(outcome, given);
        expect(checkBlocks(blocks)).toEqual([]);
        expect(blocks.length).toBeGreaterThan(0);
        const plain = plainForm({ text, blocks });
        expect(checkBlocks(plain.blocks)).toEqual([]);
        expect(
          textsOf(plain.blocks).filter(({ type, text: each }) => type === 'mrkdwn' && strayMarkup(each).length > 0),
        ).toEqual([]);
        expect(elementsOf(plain.blocks, 'data_table')).toEqual([]);
        expect(pressable(plain.blocks)).toEqual(pressable(blocks));
        expect([words(blocks), words(plain.blocks)].filter((length) => length > LIMITS.words)).toEqual([]);
        expect(text.trim()).not.toBe('');
        expect(text.length).toBeLessThanOrEqual(3000);
        expect(strayMarkup(text)).toEqual([]);
        // Only a confirmed change, or a run of them, may begin with the word of its success.
        if (!['changed', 'bulk'].includes(outcome.kind))
          expect(text).not.toMatch(/^(?:Deactivated|Deleted|Active again)/);
        for (const part of textsOf(blocks)) {
          if (part.type === 'mrkdwn') {
            expect(part.verbatim).toBe(true);
            expect(strayMarkup(part.text)).toEqual([]);
          } else expect(part.text).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
        }
      }),
      // To shrink an answer of a hundred entries takes minutes, and the seed finds it again.
      { numRuns: 60, endOnFailure: true },
    );
  });
});
