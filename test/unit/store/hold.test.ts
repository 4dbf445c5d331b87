import { describe, expect, it } from 'vitest';
import { createHold } from '#shared/store/dynamo/hold.ts';
import type { Items } from '#shared/store/dynamo/items.ts';

const START = Date.parse('2026-03-01T10:00:00.000Z');

/** A table that gives the lock away after so many refusals, and a clock that only sleeping moves. */
function bench({ refusals = 0, removes = true } = {}) {
  const [puts, updates, removed, pauses]: [unknown[], unknown[], unknown[], number[]] = [[], [], [], []];
  let time = START;
  let left = refusals;
  let beat: (() => void) | undefined;
  const items = {
    put: async (item: unknown, condition: unknown) => {
      puts.push({ item, condition });
      left -= 1;
      return left < 0;
    },
    update: async (key: unknown, change: unknown, condition: unknown) => updates.push({ key, change, condition }),
    remove: async (key: unknown, condition: unknown) => {
      removed.push({ key, condition });
      if (!removes) throw new Error('the table is down');
    },
  } as unknown as Items;
  const hold = createHold({
    items,
    now: () => new Date(time),
    sleep: async (milliseconds) => {
      pauses.push(milliseconds);
      time += milliseconds;
    },
    newId: () => 'holder-1',
    every: (_, run) => {
      beat = run;
      return () => undefined;
    },
  });
  const strike = () => {
    time += 2000;
    beat?.();
  };
  return { hold, puts, updates, removed, pauses, strike };
}

describe('holding a key', () => {
  it('takes it for 8 s in its own name, and leaves a leftover to DynamoDB after an hour', async () => {
    const { hold, puts, removed } = bench();
    expect(await hold('token', async ({ waited }) => waited)).toBe(false);
    expect(puts).toMatchObject([
      { item: { by: 'holder-1', leaseUntil: START + 8000, ttl: START / 1000 + 3600 }, condition: {} },
    ]);
    // Only what is ours is given back.
    expect(removed).toMatchObject([{ condition: { expression: '#by = :by', values: { by: 'holder-1' } } }]);
  });

  it('waits in pauses that double up to 400 ms, and says that it had to', async () => {
    const { hold, pauses } = bench({ refusals: 7 });
    expect(await hold('token', async ({ waited }) => waited)).toBe(true);
    expect(pauses).toEqual([25, 50, 100, 200, 400, 400, 400]);
  });

  it('gives up exactly when its time is over, and not before', async () => {
    const { hold, pauses } = bench({ refusals: 1000 });
    await expect(hold('token', async () => expect.unreachable(), 75)).rejects.toMatchObject({
      code: 'delivery_in_progress',
      detail: 'lock is held by another run',
      retryAfterSeconds: 8,
    });
    expect(pauses).toEqual([25, 50]);
  });

  it('renews its lease from the time that it is then, and only while it is ours', async () => {
    const { hold, updates, strike } = bench();
    await hold('token', async () => strike());
    expect(updates).toMatchObject([
      {
        change: { set: { leaseUntil: START + 10_000 } },
        condition: { expression: '#by = :by', values: { by: 'holder-1' } },
      },
    ]);
  });

  it('gives what the work came to, also where the key cannot be given back', async () => {
    expect(await bench({ removes: false }).hold('token', async () => 'done')).toBe('done');
    await expect(bench({ removes: false }).hold('token', () => Promise.reject(new Error('mine')))).rejects.toThrow(
      'mine',
    );
  });
});
