import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { caseCard } from '#shared/slack/blocks/case-card.ts';
import { caseLogLine } from '#shared/slack/blocks/case-words.ts';
import { message, section } from '#shared/slack/blocks/bricks.ts';
import { ownerNotice } from '#shared/slack/blocks/owner-notice.ts';
import { render } from '#shared/slack/blocks/render.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import { leakCase } from '#test/support/arbitraries/leak-case.ts';
import { outcomes } from '#test/support/arbitraries/outcomes.ts';
import { actor } from '#test/support/arbitraries/token.ts';
import { elementsOf, readAloud } from '#test/support/slack-text.ts';
import { claimsIn, type Claim, type Truth, TRUTHS, truthOfCase } from '#test/support/claims.ts';

const BUTTONS = ['Deactivate', 'Delete', 'Not ours', 'Search again', 'Try again', 'Check again', 'Undo', 'Ask to lift'];
const now = new Date('2026-11-22T14:02:12Z');

/** Claims that are not true of the facts, and claims that are missing. */
const lies = (claims: ReadonlySet<Claim>, { may, must = [] }: Truth) => ({
  said: [...claims].filter((claim) => !may.includes(claim)),
  missing: must.filter((claim) => !claims.has(claim)),
});
const HONEST = { said: [], missing: [] };

describe('whatever is claimed is true of the facts', () => {
  it.each(Object.entries(outcomes) as [Outcome['kind'], fc.Arbitrary<Outcome>][])('of %s', (kind, any) => {
    const truth = TRUTHS[kind] as (outcome: Outcome) => Truth;
    fc.assert(
      fc.property(any, actor, fc.boolean(), (outcome, by, showWhere) => {
        const said = claimsIn(render(outcome, { actor: by, now, showWhere }));
        expect(lies(said, truth(outcome))).toEqual(HONEST);
      }),
      // A list of cases holds up to sixty of them.
      { numRuns: kind === 'cases' ? 40 : 150 },
    );
  });

  it('of a case, on its card, in its thread and to its owner', () => {
    fc.assert(
      fc.property(leakCase, leakCase, fc.boolean(), (kase, before, showWhere) => {
        const truth = truthOfCase(kase);
        expect(lies(claimsIn(caseCard(kase, { now, showWhere })), truth)).toEqual(HONEST);
        const notice = ownerNotice(kase, 30);
        if (notice !== undefined) expect(lies(claimsIn(notice), { may: truth.may }).said).toEqual([]);
        for (const earlier of [before, undefined]) {
          const line = caseLogLine(earlier, kase, showWhere);
          if (line === undefined) continue;
          const inThread = claimsIn(message(line, [section(line)]));
          const isAsBefore =
            earlier?.state === kase.state && earlier.receipt?.confirmedAt === kase.receipt?.confirmedAt;
          const twice: readonly Claim[] = isAsBefore ? ['nothing was done twice'] : [];
          expect(lies(inThread, { may: [...truth.may, ...twice] }).said).toEqual([]);
        }
      }),
      { numRuns: 600 },
    );
  });

  it('of what can be pressed: a card names no button that it has not, whatever the policy lets anybody do', () => {
    const some = fc.record({ deactivate: fc.boolean(), delete: fc.boolean(), activate: fc.boolean() });
    const named = new Set<string>();
    fc.assert(
      fc.property(leakCase, some, (kase, offered) => {
        const made = caseCard(kase, { now, showWhere: true, offers: () => offered });
        const texts = elementsOf(made.blocks, 'button').map((one) => (one['text'] as { text: string }).text);
        const told = `${made.text}\n${readAloud(made)}`.replace(/`[^`\n]*`/g, '`…`');
        expect(told).not.toMatch(/press the button/);
        if (/The buttons work/.test(told)) expect(texts.filter((text) => text !== 'Take it')).not.toEqual([]);
        for (const name of BUTTONS.filter((one) => new RegExp(`[Pp]ress ${one}\\b|, or ${one}\\b`).test(told))) {
          named.add(name);
          expect(
            texts.some((text) => text.startsWith(name)),
            `${name} in: ${told.slice(0, 300)}`,
          ).toBe(true);
        }
      }),
      { numRuns: 1500 },
    );
    // Not for want of words: most of them are named somewhere.
    expect(named.size).toBeGreaterThan(3);
  });

  it('finds a lie that is planted', () => {
    const lying = (text: string) => claimsIn(message(text, [section(`*${text}*`)]));
    const [one] = fc.sample(outcomes.refused, 1);
    expect(lies(lying('Deactivated: `a`.'), TRUTHS.refused(one!)).said).toEqual(['deactivated']);
    expect(lies(lying('Public: no'), { may: ['public'] }).said).toEqual(['not public']);
    expect(lies(lying('Approved by <@U0ADMIN0001>.'), { may: [] }).said).toEqual(['approved by somebody']);
  });
});
