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
      return isOurs ? { attempt: 1 } : undefined;
    },
    all: async (writes: readonly object[]) => {
      written.push(...writes);
      return isOurs ? 'done' : [0];
    },
  } as unknown as Items;
  const runs = createJobRuns({ items, now: () => new Date(START), newId: () => 'run-1' });
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
