import { expect, it } from 'vitest';
import { createSearchAgain } from '#shared/cases/search-again.ts';
import { leakJobSchema, type LeakJob } from '#shared/jobs/job.ts';
import type { Case } from '#shared/store/store.ts';
import { unmatched } from '#test/fixtures/outcomes.ts';
import { createMemoryStore } from '#test/support/memory-store.ts';

const START = Date.parse('2026-11-22T12:00:00.000Z');

/** A case that could not be searched because a profile refused us, and a clock that the test moves. */
async function start() {
  const store = createMemoryStore();
  const sent: { job: LeakJob; delaySeconds: number }[] = [];
  const clock = { ms: START };
  const search = createSearchAgain({
    store,
    now: () => new Date(clock.ms),
    send: async (jobs, delaySeconds) => void sent.push(...jobs.map((job) => ({ job, delaySeconds }))),
  });
  const { record } = await store.cases.open({
    ...unmatched,
    state: 'unsearched',
    openedAt: new Date(START).toISOString(),
    troubles: [{ kind: 'unread', profiles: [{ fault: 'provider_unauthorized', whose: 'dfns-demo', status: 401 }] }],
  });
  const stored = async () => (await store.cases.get(record.id)) as Case;
  const last = () => {
    const job = sent.at(-1)?.job;
    if (job?.kind !== 'search-again') throw new Error('nothing was sent');
    expect(leakJobSchema.parse(job)).toEqual(job);
    return job;
  };
  return { store, sent, clock, search, stored, last };
}

it('plans one search at a time, each later than the one before, for a week', async () => {
  const { sent, clock, search, stored, last } = await start();
  const pauses: number[] = [];
  for (let round = 0; round < 400; round += 1) {
    const before = sent.length;
    await search.plan(await stored());
    await search.plan(await stored());
    if (sent.length === before) break;
    expect(sent.length).toBe(before + 1);
    const planned = Date.parse((await stored()).search?.at ?? '');
    pauses.push((planned - clock.ms) / 1000);
    // A quarter of an hour is the longest that a queue keeps a message back: until its time the job is put back.
    while (planned > clock.ms) {
      const { delaySeconds } = sent.at(-1) ?? { delaySeconds: 0 };
      expect(delaySeconds).toBeLessThanOrEqual(900);
      clock.ms = Math.min(planned, clock.ms + delaySeconds * 1000);
      const report = await search.due(last());
      expect(report === undefined).toBe(clock.ms < planned);
    }
  }
  expect(pauses.slice(0, 4)).toEqual([15, 30, 60, 120]);
  expect(pauses.at(-1)).toBe(3600);
  expect(clock.ms - START).toBeGreaterThan(6.9 * 86_400_000);
  expect(clock.ms - START).toBeLessThan(7.2 * 86_400_000);
  // After that the weekly sweep takes over.
  expect(await search.all()).toBe(1);
});

it('searches at once when the profile that refused us answers, once, and not when another one does', async () => {
  const { sent, clock, search, stored, last } = await start();
  await search.plan(await stored());
  await search.answered('langsmith-demo');
  expect(sent).toHaveLength(1);
  await search.answered('dfns-demo');
  expect(sent).toHaveLength(2);
  expect(await search.due(last())).toMatchObject({ kind: 'report', report: { clue: unmatched.clue } });
  clock.ms += 60_000;
  await search.answered('dfns-demo');
  expect(sent).toHaveLength(2);
});

it('searches at once when somebody has the profile checked, though nobody waited for it just before', async () => {
  const { sent, store, search, stored, clock } = await start();
  await search.answered('dfns-demo');
  // Planned by another function, of which this one knows nothing.
  const other = createSearchAgain({ store, now: () => new Date(clock.ms), send: async () => {} });
  await other.plan(await stored());
  await search.answered('dfns-demo');
  expect(sent).toHaveLength(0);
  await search.answered('dfns-demo', { isChecked: true });
  expect(sent).toHaveLength(1);
});

it('searches for nothing that has been found or closed meanwhile', async () => {
  const { store, search, stored, last } = await start();
  await search.plan(await stored());
  const job = last();
  await store.cases.change(job.caseId, (kase) => ({ ...kase, state: 'dismissed' }));
  expect(await search.due(job)).toBeUndefined();
  expect(await search.due({ ...job, caseId: 'C-NOSUCHONE' })).toBeUndefined();
});

it('plans the next search also by a clock that is behind the one that planned this one', async () => {
  const { sent, clock, search, stored, last } = await start();
  await search.plan(await stored());
  clock.ms = Date.parse((await stored()).search?.at ?? '') - 600;
  expect(await search.due(last())).toMatchObject({ kind: 'report' });
  await search.plan(await stored());
  expect(sent).toHaveLength(2);
  expect((await stored()).search?.tries).toBe(2);
});

it('goes on with a dead letter that was brought back, whose first life has merged the case', async () => {
  const { store, clock, search, stored, last } = await start();
  await search.plan(await stored());
  const job = last();
  await store.cases.change(job.caseId, (kase) => ({ ...kase, state: 'dismissed', mergedInto: 'C-OTHER' }));
  clock.ms = Date.parse(job.at ?? '');
  expect(await search.due(job, 1)).toBeUndefined();
  clock.ms += 3_600_000;
  expect(await search.due(job, 1)).toMatchObject({ kind: 'report' });
});
