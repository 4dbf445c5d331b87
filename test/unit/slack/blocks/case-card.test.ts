import { expect, it } from 'vitest';
import { caseCard } from '#shared/slack/blocks/case-card.ts';
import type { CaseReport } from '#shared/store/store.ts';
import { unmatched } from '#test/fixtures/outcomes.ts';
import { readAloud } from '#test/support/slack-text.ts';

const now = new Date('2026-11-22T14:00:00.000Z');
const report = (requestId?: string): CaseReport => ({
  source: 'generic',
  key: `generic:${requestId}`,
  at: now.toISOString(),
  ...(requestId === undefined ? {} : { requestId }),
});
const cardOf = (...reports: readonly CaseReport[]) =>
  readAloud(caseCard({ ...unmatched, reports }, { now, showWhere: true }));

it('names the requests that brought the newest reports, by which the log is searched', () => {
  const ids = ['11111111-a', '22222222-a', '33333333-a', '44444444-a', '44444444-a'];
  const words = cardOf(...ids.map(report));
  expect(words).toContain('For whoever runs Patrol: request `22222222`, `33333333` and `44444444`');
  expect(words).not.toContain('11111111');
  expect(cardOf(report())).not.toContain('whoever runs Patrol');
});
