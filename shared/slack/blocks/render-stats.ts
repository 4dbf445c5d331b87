import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import { context, type Message, message, section } from './bricks.ts';
import { dataTable } from './data-table.ts';
import { count, grouped } from './text.ts';
import { measured, when } from './time.ts';

/** Below so many a 95th percentile is the slowest one. */
const ENOUGH = 20;

/** Counts and the time to revoke. */
export function renderStats(stats: OutcomeOf<'stats'>): Message {
  const head = `${count(stats.revoked, 'kill')} confirmed, ${grouped(stats.failed)} NOT revoked after an attempt.`;
  const { timeToRevoke } = stats;
  const speed =
    timeToRevoke === undefined
      ? 'Time from alert to confirmed dead: no alert has been answered yet.'
      : `Time from alert to confirmed dead: half within ${measured(timeToRevoke.p50)}${timeToRevoke.count < ENOUGH ? ` (of ${grouped(timeToRevoke.count)}, too few for a p95)` : `, 95 of 100 within ${measured(timeToRevoke.p95)} (p50 and p95 of ${grouped(timeToRevoke.count)})`}.`;
  return message(`${head} ${speed}`, [
    section([`*${head}*`, speed]),
    dataTable({
      caption: 'What was counted',
      columns: ['Counted', 'Number'],
      rows: [
        ['Kills confirmed', { number: stats.revoked }],
        ['NOT revoked after an attempt', { number: stats.failed }],
        ['Activated again', { number: stats.restored }],
        ['Requests denied', { number: stats.denied }],
        ['Cases open now', { number: stats.openCases }],
        ['Approvals open now', { number: stats.openApprovals }],
      ],
      nameColumn: 0,
      page: 6,
    }),
    context(`Counted since ${when(stats.since)}.`),
  ]);
}
