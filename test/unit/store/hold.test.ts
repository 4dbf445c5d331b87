import { describe, expect, it } from 'vitest';
import { createHold } from '#shared/store/dynamo/hold.ts';
import type { Items } from '#shared/store/dynamo/items.ts';
import { LEASE, type LeaseTimes } from '#shared/store/dynamo/lease.ts';
import { writeOf } from '#shared/store/dynamo/put-along.ts';
import type { Held } from '#shared/store/store.ts';

const START = Date.parse('2026-03-01T10:00:00.000Z');

/** A table that gives the lock away after so many refusals, and a clock that only sleeping moves. */
function bench({ refusals = 0, givesBack = true, isOurs = true, kept = {} } = {}) {
  const [updates, written, pauses]: [any[], any[], number[]] = [[], [], []];
  let time = START;
  let left = refusals;
  let beat: (() => void) | undefined;
  const items = {
    get: async () => undefined,
    update: async (_: unknown, { set }: { set: object }, condition: unknown) => {
      updates.push({ set, condition });
      if (!('by' in set)) return { isMet: true, item: {} };
      left -= 1;
      return left < 0 ? { isMet: true, item: kept } : { isMet: false, item: undefined };
    },
    all: async (writes: readonly unknown[]) => {
      written.push(...writes);
      if (!givesBack) throw new Error('the table is down');
      return isOurs ? 'done' : [{ place: 0, item: undefined }];
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
  return { hold, updates, written, pauses, strike };
}

const busy = { code: 'delivery_in_progress' };
const OURS = { expression: '#by = :by', values: { by: 'holder-1' } };

describe('holding a key', () => {
  it('takes it for 8 s in its own name, and leaves a leftover to DynamoDB after thirty days', async () => {
    const { hold, updates, written } = bench();
    expect(await hold('token', async ({ waited }) => waited)).toBe(false);
    const ttl = START / 1000 + 30 * 86_400;
    expect(updates).toMatchObject([{ set: { by: 'holder-1', leaseUntil: START + 8000, ttl } }]);
    // Only what is ours is given back.
    expect(written).toMatchObject([{ remove: {}, condition: OURS }]);
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

  it('leaves one that anybody holds at once to them, where nobody is to be waited for', async () => {
    const { hold, pauses, updates } = bench({ refusals: 1 });
    await expect(hold('token', async () => expect.unreachable(), 'unless_held')).rejects.toMatchObject(busy);
    expect(pauses).toEqual([]);
    // Nor is it taken from a holder who has died: whoever does that watches first.
    expect(updates).toHaveLength(1);
    expect(updates[0].condition.expression).not.toContain(':now');
  });

  it('renews its lease from the time that it is then, and only while it is ours', async () => {
    const { hold, updates, strike } = bench();
    await hold('token', async () => strike());
    expect(updates.slice(1)).toMatchObject([{ set: { leaseUntil: START + 10_000 }, condition: OURS }]);
  });

  it('gives what the work came to, also where the key cannot be given back', async () => {
    expect(await bench({ givesBack: false }).hold('token', async () => 'done')).toBe('done');
    await expect(bench({ givesBack: false }).hold('token', () => Promise.reject(new Error('mine')))).rejects.toThrow(
      'mine',
    );
  });

  it('leaves what is kept with the key, for thirty days, and nobody’s lease', async () => {
    const { hold, written } = bench();
    await hold('token', async ({ keep }) => keep({ seen: 1 }));
    const ttl = START / 1000 + 30 * 86_400;
    expect(written).toMatchObject([{ put: { body: '{"seen":1}', by: 'back:holder-1', leaseUntil: 0, ttl } }]);
  });

  it('does not say that something was kept where the key was no longer ours', async () => {
    const { hold } = bench({ isOurs: false });
    await expect(hold('token', async ({ keep }) => keep({ seen: 1 }))).rejects.toMatchObject({
      code: 'delivery_in_progress',
      retryAfterSeconds: 8,
    });
  });

  it('leaves with the key what was left there before, and is sure of the work where that cannot be told', async () => {
    const kept = { attempt: 2, body: '{"seen":1}' };
    const { hold, written } = bench({ kept });
    expect(await hold('token', async ({ isFirst, kept: before }) => [isFirst, before()])).toEqual([false, { seen: 1 }]);
    expect(written).toMatchObject([{ put: { ...kept, by: 'back:holder-1' } }]);
    // Nothing of this work would be lost.
    expect(await bench({ kept, isOurs: false }).hold('token', async () => 'done')).toBe('done');
  });

  it('gives the key back with what is left with it, and does not say so where it was no longer ours', async () => {
    const write = { put: { pk: 'audit', sk: 'line' } } as never;
    const leaving = async ({ leave }: Held) => leave(writeOf({ writes: [write] }));
    const { hold, written } = bench();
    await hold('token', leaving);
    expect(written).toMatchObject([{ put: { by: 'back:holder-1', leaseUntil: 0 } }, write]);
    await expect(bench({ isOurs: false }).hold('token', leaving)).rejects.toMatchObject(busy);
    // What the work throws counts more.
    const failing = async (held: Held) => {
      await leaving(held);
      throw new Error('mine');
    };
    await expect(bench({ isOurs: false }).hold('token', failing)).rejects.toThrow('mine');
  });

  it('gives back nothing that its work has given back by a write of its own', async () => {
    const { hold, written } = bench();
    const giveBack = ({ givingBack }: Held) => {
      for (const { done } of givingBack() as unknown as readonly { readonly done?: () => void }[]) done?.();
    };
    await hold('token', async (held) => giveBack(held));
    const failing = async (held: Held) => {
      giveBack(held);
      throw new Error('mine');
    };
    await expect(hold('token', failing)).rejects.toThrow('mine');
    expect(written).toEqual([]);
  });

  it('keeps something along with another write from then on for 8 s more', async () => {
    const { hold } = bench();
    const ttl = START / 1000 + 30 * 86_400;
    await hold('token', async ({ keeping }) => {
      const { writes } = keeping({ seen: 2 }) as unknown as { readonly writes: readonly unknown[] };
      expect(writes).toMatchObject([{ set: { body: '{"seen":2}', leaseUntil: START + 8000, ttl }, condition: OURS }]);
    });
  });
});

/** A table in which somebody else holds the key until `leaseUntil`, which may be renewed while we wait. */
function heldBench(
  leaseUntil: number,
  renewed: (time: number) => number = () => leaseUntil,
  { setMs = 0, lease = LEASE }: { readonly setMs?: number; readonly lease?: LeaseTimes } = {},
) {
  const asked = { updates: 0 };
  let time = START;
  let setBy = 0;
  const items = {
    update: async (_: unknown, __: unknown, { values }: { values: Record<string, number> }) => {
      asked.updates += 1;
      const until = renewed(time);
      const isMet = values['seen'] === until || values['never'] === until || until < (values['now'] ?? 0);
      return { isMet, item: isMet ? {} : { by: 'other', leaseUntil: until } };
    },
    all: async () => 'done',
  } as unknown as Items;
  const hold = createHold({
    items,
    now: () => new Date(time + setBy),
    sleep: async (milliseconds) => {
      time += milliseconds;
      setBy = setMs;
    },
    newId: () => 'holder-1',
    every: () => () => undefined,
    lease,
  });
  const take = (waitMs?: number) => hold('token', async () => time - START, waitMs);
  return { take, asked };
}

describe('a key that somebody holds', () => {
  it('is free at once when it was given back', async () => {
    const { take, asked } = heldBench(0);
    expect(await take()).toBe(0);
    expect(asked).toEqual({ updates: 1 });
  });

  it('is taken from a holder that crashed when its lease is over, if we have waited for that long already', async () => {
    const after = await heldBench(START + 8000).take();
    expect(after).toBeGreaterThan(8000);
    expect(after).toBeLessThan(8500);
  });

  it('is taken only when a renewal was missed while we looked, where its lease seems to be over long since', async () => {
    const after = await heldBench(START - 90_000).take();
    expect(after).toBeGreaterThanOrEqual(2500);
    expect(after).toBeLessThan(3000);
  });

  it('is left to a holder that renews it, however far its clock is behind', async () => {
    const renewals = (time: number) => START - 90_000 + 2000 * Math.floor((time - START) / 2000);
    await expect(heldBench(0, renewals).take(20_000)).rejects.toMatchObject(busy);
  });

  it('is watched for as long where our own clock is set ahead meanwhile', async () => {
    const { take } = heldBench(START + 8000, () => START + 8000, { setMs: 8500 });
    const after = await take(30_000);
    expect(after).toBeGreaterThanOrEqual(2500);
    expect(after).toBeLessThan(3000);
  });

  it('is taken at the very moment that a renewal was missed, and not while its lease counts', async () => {
    // Watched for 25 ms, which is the first pause.
    const lease = { lastsMs: 80, renewEveryMs: 20 };
    const taken = (leaseUntil: number) => heldBench(leaseUntil, () => leaseUntil, { lease }).take();
    expect([await taken(START - 1), await taken(START + 24), await taken(START + 25)]).toEqual([25, 25, 75]);
  });

  it('is judged by our clock alone where there is no time to look', async () => {
    expect(await heldBench(START - 1).take(0)).toBe(0);
    await expect(heldBench(START + 1).take(0)).rejects.toMatchObject(busy);
  });
});
