import { expect, it } from 'vitest';
import type { Items } from '#shared/store/dynamo/items.ts';
import { createJobRuns } from '#shared/store/dynamo/job-runs.ts';

const START = Date.parse('2026-03-01T10:00:00.000Z');
const OURS = { expression: '(#by = :by) AND (#state = :running)', values: { by: 'run-1', running: 'running' } };

/** The runs of a table that takes a write or not, and what was written. */
function bench({ isOurs = true } = {}) {
  const written: any[] = [];
  const items = {
    update: async (_: unknown, change: object, condition: unknown) => {
      written.push({ ...change, condition });
      return { isMet: isOurs, item: { attempt: 1 } };
    },
    all: async (writes: readonly object[]) => {
      written.push(...writes);
      return isOurs ? 'done' : [{ place: 0, item: undefined }];
    },
  } as unknown as Items;
  const runs = createJobRuns({ items, now: () => new Date(START), sleep: async () => {}, newId: () => 'run-1' });
  return { runs, written };
}

const RUN = { key: 'job', id: 'run-1', attempt: 1 };

it('renews a run for 8 s more, and only the one that counts', async () => {
  const { runs, written } = bench();
  expect(await runs.renew(RUN)).toBe(true);
  expect(written).toMatchObject([{ set: { leaseUntil: START + 8000 }, condition: OURS }]);
  expect(await bench({ isOurs: false }).runs.renew(RUN)).toBe(false);
});

it('releases a run by the word that lets the next one begin, and never over a finished job', async () => {
  const { runs, written } = bench();
  await runs.release(RUN);
  expect(written).toMatchObject([{ set: { state: 'released' }, condition: OURS }]);
  await runs.begin('job');
  expect(written[1]).toMatchObject({ condition: { expression: expect.stringContaining('#state = :released') } });
  expect(written[1].condition.values.released).toBe(written[0].set.state);
});

/** A job whose table is asked, in a time that only sleeping moves, and may be changed while somebody sleeps. */
function lapseBench(item: Record<string, unknown>, changed: Record<string, unknown> = {}) {
  const asked: string[] = [];
  let time = START;
  let stored: any = item;
  const items = {
    update: async (_: unknown, { set }: { set: any }, { values }: { values: Record<string, any> }) => {
      asked.push('write');
      const isMet =
        values['released'] === stored.state || (stored.state === 'running' && values['seen'] === stored.leaseUntil);
      return { isMet, item: isMet ? { ...set, attempt: 2 } : stored };
    },
  } as unknown as Items;
  const runs = createJobRuns({
    items,
    now: () => new Date(time),
    sleep: async (milliseconds) => {
      asked.push(`${milliseconds} ms`);
      time += milliseconds;
      stored = { ...stored, ...changed };
    },
    newId: () => 'run-2',
  });
  return { begin: () => runs.begin('job'), asked };
}

const WATCHED = ['write', '2500 ms', 'write'];

it('takes a run over only when it has missed a renewal while we looked, and begins in no time where nobody runs', async () => {
  const lapsed = lapseBench({ state: 'running', leaseUntil: START - 1 });
  expect(await lapsed.begin()).toEqual({ key: 'job', id: 'run-2', attempt: 2 });
  expect(lapsed.asked).toEqual(WATCHED);
  const free = lapseBench({ state: 'released', leaseUntil: START - 1 });
  expect(await free.begin()).toMatchObject({ attempt: 2 });
  expect(free.asked).toEqual(['write']);
});

it('waits for no run whose lease counts, and says how long it does', async () => {
  const { begin, asked } = lapseBench({ state: 'running', leaseUntil: START });
  const detail = 'job is held by another run';
  await expect(begin()).rejects.toMatchObject({ code: 'delivery_in_progress', detail, retryAfterSeconds: 8 });
  const later = lapseBench({ state: 'running', leaseUntil: START + 3000 });
  await expect(later.begin()).rejects.toMatchObject({ code: 'delivery_in_progress', retryAfterSeconds: 3 });
  expect([asked, later.asked]).toEqual([['write'], ['write']]);
});

it('leaves a run alone that is renewed while we look, by whatever clock, and asks to come again when a lease later', async () => {
  const { begin, asked } = lapseBench({ state: 'running', leaseUntil: START - 82_000 }, { leaseUntil: START - 80_000 });
  await expect(begin()).rejects.toMatchObject({ code: 'delivery_in_progress', retryAfterSeconds: 8 });
  expect(asked).toEqual(WATCHED);
});

it('gives the result of a job that is done, or is done while we look, and begins one that is released then', async () => {
  const done = { state: 'done', body: '"result"', leaseUntil: START - 1 };
  const result = { value: 'result', replayed: true, leaseUntil: START - 1 };
  const before = lapseBench(done);
  expect(await before.begin()).toEqual(result);
  // The refusal tells by what it was.
  expect(before.asked).toEqual(['write']);
  expect(await lapseBench({ state: 'running', leaseUntil: START - 1 }, done).begin()).toEqual(result);
  const freed = lapseBench({ state: 'running', leaseUntil: START - 1 }, { state: 'released' });
  expect(await freed.begin()).toMatchObject({ id: 'run-2' });
});

it('takes the telling of a result over once the lease of whoever tells it has lapsed, and no sooner', async () => {
  const { runs, written } = bench();
  const busy = { code: 'delivery_in_progress', detail: 'telling is held by another run' };
  await expect(runs.beginTelling('job', { leaseUntil: START + 3000 })).rejects.toMatchObject({
    ...busy,
    retryAfterSeconds: 3,
  });
  expect(written).toEqual([]);
  expect(await runs.beginTelling('job', { leaseUntil: START })).toEqual({ key: 'job', id: 'run-1' });
  expect(await runs.beginTelling('job', { leaseUntil: undefined })).toEqual({ key: 'job', id: 'run-1' });
  const set = { by: 'run-1', leaseUntil: START + 8000 };
  const own = { by: 'run-1', done: 'done' };
  expect(written).toEqual([
    {
      set,
      condition: {
        expression: '(#state = :done) AND ((#by = :by) OR (#leaseUntil = :seen))',
        values: { ...own, seen: START },
      },
    },
    {
      set,
      condition: {
        expression: '(#state = :done) AND ((#by = :by) OR (attribute_not_exists(#leaseUntil)))',
        values: own,
      },
    },
  ]);
  const late = bench({ isOurs: false }).runs.beginTelling('job', { leaseUntil: START });
  await expect(late).rejects.toMatchObject({ ...busy, retryAfterSeconds: 8 });
});

it('renews the telling of a result, and gives it back, for whoever tells it alone', async () => {
  const { runs, written } = bench();
  const telling = { key: 'job', id: 'run-1' };
  await runs.renewTelling(telling);
  await runs.releaseTelling(telling);
  const condition = { expression: '#by = :by', values: { by: 'run-1' } };
  expect(written).toEqual([
    { set: { leaseUntil: START + 8000 }, condition },
    { set: { leaseUntil: 0 }, condition },
  ]);
});
