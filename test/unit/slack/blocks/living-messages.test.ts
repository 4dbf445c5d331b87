import type { types } from '@slack/bolt';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkBlocks } from '#infra/sandbox/slack/block-check/check-blocks.ts';
import { digest, type Inventory } from '#shared/hygiene/assess.ts';
import { overviewOf } from '#shared/hygiene/overview.ts';
import type { Message } from '#shared/slack/blocks/bricks.ts';
import { caseCard } from '#shared/slack/blocks/case-card.ts';
import { caseLogLine } from '#shared/slack/blocks/case-words.ts';
import { homeView } from '#shared/slack/blocks/home-view.ts';
import { renderDigest } from '#shared/slack/blocks/render-digest.ts';
import { breakGlassModal, detailsModal } from '#shared/slack/blocks/modals.ts';
import { ownerNotice } from '#shared/slack/blocks/owner-notice.ts';
import { leakCase } from '#test/support/arbitraries/leak-case.ts';
import { approval, lever } from '#test/support/arbitraries/order.ts';
import { outcomes } from '#test/support/arbitraries/outcomes.ts';
import { foreignText } from '#test/support/arbitraries/text.ts';
import { token } from '#test/support/arbitraries/token.ts';
import { trouble } from '#test/support/arbitraries/trouble.ts';
import { strayMarkup, textsOf } from '#test/support/slack-text.ts';

const now = new Date('2026-11-22T14:02:12Z');
const thresholds = { staleDays: 180, unusedDays: 60, expiringDays: 14, manyPermissions: 8 };

function expectSound(view: Message | types.HomeView | types.ModalView) {
  expect(checkBlocks('type' in view ? view : view.blocks)).toEqual([]);
  for (const part of textsOf(view.blocks)) {
    if (part.type === 'mrkdwn') expect(strayMarkup(part.text)).toEqual([]);
  }
  if ('type' in view) return;
  expect(view.text.trim()).not.toBe('');
  expect(strayMarkup(view.text)).toEqual([]);
}

const levers = fc.array(
  lever.map((one) => ({ ...one, id: one.id.slice(0, 100) })),
  { maxLength: 6 },
);
const inventory: fc.Arbitrary<Inventory> = fc.record({
  profile: fc.constantFrom('dfns-demo', 'langsmith-demo'),
  provider: fc.constantFrom('dfns', 'langsmith'),
  knows: fc.record({ lastUse: fc.boolean(), expiry: fc.boolean(), undo: fc.boolean() }),
  tokens: fc.array(token, { maxLength: 40, size: 'medium' }),
  unseen: fc.array(foreignText, { maxLength: 4 }),
});
const unread = fc.array(fc.record({ profile: fc.constant('dfns-eu'), trouble }), { maxLength: 3 });

describe('the messages that are not the answer to a command', () => {
  it('keeps every case card, its thread lines and the note to the owner within Slack and inert', () => {
    fc.assert(
      fc.property(leakCase, leakCase, levers, fc.boolean(), (kase, before, offered, showWhere) => {
        expectSound(caseCard(kase, { now, showWhere, levers: offered }));
        expect(strayMarkup(caseLogLine(before, kase, true) ?? '')).toEqual([]);
        expect(strayMarkup(caseLogLine(undefined, kase, true) ?? '')).toEqual([]);
        const notice = ownerNotice(kase, 30);
        if (notice !== undefined) expectSound(notice);
      }),
      { numRuns: 120 },
    );
  });

  it('keeps the hygiene digest within Slack and inert', () => {
    fc.assert(
      fc.property(fc.array(inventory, { maxLength: 12 }), unread, (inventories, troubles) => {
        expectSound(renderDigest(digest({ inventories, unread: troubles, thresholds, now }), { now, discreet: false }));
      }),
      { numRuns: 50 },
    );
  });

  it('keeps App Home within Slack and inert', () => {
    const facts = fc.record({
      now: fc.constant(now),
      overviews: fc.array(
        inventory.map((each) => overviewOf(each, thresholds, now)),
        { maxLength: 40, size: 'medium' },
      ),
      unread,
      cases: fc.array(leakCase, { maxLength: 30, size: 'medium' }),
      approvals: fc.array(approval, { maxLength: 30, size: 'medium' }),
      me: outcomes.whoami,
    });
    fc.assert(
      fc.property(facts, (given) => expectSound(homeView(given))),
      { numRuns: 25 },
    );
  });

  it('keeps the modals within Slack and inert', () => {
    fc.assert(
      fc.property(approval, leakCase, foreignText, (given, kase, title) => {
        expectSound(breakGlassModal(given));
        expectSound(detailsModal(title, caseCard(kase, { now, showWhere: true })));
      }),
      { numRuns: 60 },
    );
  });
});
