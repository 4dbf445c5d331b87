import { expect, it } from 'vitest';
import { countMuted } from '#shared/cases/count-muted.ts';
import { createMemoryStore } from '#test/support/memory-store.ts';

it('counts what was muted by what the scanner calls it, most first, and nothing else', async () => {
  const store = createMemoryStore();
  const at = '2026-11-22T12:00:00.000Z';
  const open = (id: string, detector: string, more: object = {}) =>
    store.cases.open({
      ...{ id, key: id, state: 'muted', openedAt: at, updatedAt: at, count: 1, generation: 0 },
      reports: [{ source: 'github', key: id, at, detector }],
      ...more,
    });
  await open('C-1', 'slack_token');
  await open('C-2', 'aws_key', { count: 5 });
  await open('C-3', 'aws_key');
  await open('C-4', 'aws_key', { state: 'unmatched' });
  // What came first before that is not counted, however lately it came again.
  await open('C-5', 'old_key', { openedAt: '2026-11-01T12:00:00.000Z', count: 30 });
  expect(await countMuted(store, new Date('2026-11-20T00:00:00Z'))).toEqual([
    { detector: 'aws_key', reports: 6 },
    { detector: 'slack_token', reports: 1 },
  ]);
});
