import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { caseCard } from '#shared/slack/blocks/case-card.ts';
import { caseLogLine } from '#shared/slack/blocks/case-words.ts';
import { message, section } from '#shared/slack/blocks/bricks.ts';
import { ownerNotice } from '#shared/slack/blocks/owner-notice.ts';
import { render } from '#shared/slack/blocks/render.ts';
import { reporterNotice } from '#shared/slack/blocks/reporter-notice.ts';
import { NOW, operator, samples } from '#test/fixtures/outcomes.ts';
import { leakCase } from '#test/support/arbitraries/leak-case.ts';
import { outcomes } from '#test/support/arbitraries/outcomes.ts';
import { textsOf } from '#test/support/slack-text.ts';

interface Said {
  readonly text: string;
  readonly blocks: readonly unknown[];
}

const DATE_FORM = /<!date\^\d+\^[^|<>]+\|(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d UTC>/g;
const TIME_OF_DAY = /\b\d\d:\d\d\b/;
/** What others have written stands in code spans. */
const ours = (text: string) => text.replace(DATE_FORM, '').replace(/`[^`\n]*`/g, '');

/** Times of one message that its reader cannot take for their own: bare ones in a sentence, and Slack's form where Slack translates none. */
function otherClocks({ text, blocks }: Said): string[] {
  const all = textsOf(blocks);
  const sentences = [text, ...all.flatMap((one) => (one.type === 'mrkdwn' ? [one.text] : []))];
  const plain = all.flatMap((one) => (one.type === 'mrkdwn' ? [] : [one.text]));
  return [
    ...sentences.filter((one) => TIME_OF_DAY.test(ours(one)) || ours(one).includes('<!date')),
    ...plain.filter((one) => one.includes('<!date')),
  ];
}

/** Cells of ours with a time of day under a head that does not say whose clock it is. */
function unnamedClocks(blocks: readonly unknown[]): string[] {
  return (blocks as readonly Record<string, any>[]).flatMap((block) => {
    if (block['type'] !== 'data_table') return [];
    const [heads = [], ...rows] = block['rows'] as readonly (readonly { readonly text?: string }[])[];
    return rows.flatMap((row) =>
      row.flatMap(({ text = '' }, at) =>
        /^\d{4}-\d\d-\d\d/.test(text) && !(heads[at]?.text ?? '').includes('UTC') ? [text] : [],
      ),
    );
  });
}

describe('one clock', () => {
  it.each(Object.entries(outcomes))(
    'is that of the reader in every sentence, and UTC in a table that says so: %s',
    (_, any) => {
      fc.assert(
        fc.property(any as fc.Arbitrary<never>, (outcome) => {
          const said = render(outcome, { actor: operator, now: NOW, requestedAt: NOW.toISOString() });
          expect(otherClocks(said)).toEqual([]);
        }),
        { numRuns: 40 },
      );
    },
  );

  it('is in the samples of every outcome', () => {
    for (const [name, outcome] of Object.entries(samples)) {
      const said = render(outcome, { actor: operator, now: NOW, requestedAt: NOW.toISOString() });
      expect(otherClocks(said), name).toEqual([]);
      expect(unnamedClocks(said.blocks), name).toEqual([]);
    }
  });

  it('is on a card, in its thread, and in the messages to owner and reporter', () => {
    fc.assert(
      fc.property(leakCase, leakCase, (kase, before) => {
        const line = caseLogLine(before, kase, true) ?? '';
        const notice = ownerNotice(kase, 30);
        const all: readonly Said[] = [
          caseCard(kase, { now: NOW, showWhere: true }),
          message(line, [section(line)]),
          reporterNotice({ pasted: [{ kase, isNamed: true }], unrecognised: 0 }),
          ...(notice === undefined ? [] : [notice]),
        ];
        for (const said of all) expect(otherClocks(said)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('finds another one', () => {
    const bare = 'Proof: confirmed 14:02:12 UTC on 2026-11-22.';
    expect(otherClocks(message(bare, [section(bare)]))).toHaveLength(2);
    expect(
      unnamedClocks([{ type: 'data_table', rows: [[{ text: 'At' }], [{ text: '2026-11-22 14:02:12 UTC' }]] }]),
    ).toHaveLength(1);
  });
});
