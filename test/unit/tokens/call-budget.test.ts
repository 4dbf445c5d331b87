import { describe, expect, it } from 'vitest';
import { type Fault, isFault } from '#shared/core/fault.ts';
import { type CallBudget, type CallLimit, createCallBudget } from '#shared/tokens/call-budget.ts';
import { type Side, SLICE_MS } from '#shared/tokens/room-for.ts';
import { createMemoryStore } from '#test/support/memory-store.ts';

const LIMIT: CallLimit = { name: 'dfns:or-1', profile: 'dfns-demo', callsPerMinute: 1000 };
const KILL = { what: 'change', calls: 5 } as const;
const SEARCH = { what: 'search', calls: 1 } as const;
const STARTED = 9 * SLICE_MS;

/** Some processes that share a table and a clock. */
function start() {
  const { notes } = createMemoryStore();
  const clock = { ms: STARTED };
  const counted = { calls: 0 };
  const chance = { next: 0 };
  const many = (side: Side, processes: number): readonly CallBudget[] =>
    Array.from({ length: processes }, () =>
      createCallBudget({
        side,
        notes: { count: (...given) => ((counted.calls += 1), notes.count(...given)) },
        now: () => new Date(clock.ms),
        // Time passes for all at once: who waits finds it over.
        sleep: async () => undefined,
        random: () => chance.next,
      }),
    );
  return { clock, counted, chance, many };
}

/** Begins one thing and makes its calls; false where it has to wait. */
async function attempt(budget: CallBudget, beginning: Parameters<CallBudget['begin']>[1], limit = LIMIT) {
  try {
    await budget.begin(limit, beginning);
  } catch (error) {
    if (!isFault(error, 'provider_rate_limited')) throw error;
    return false;
  }
  for (let call = 0; call < beginning.calls; call += 1) budget.count(limit);
  return true;
}

/** Begins in turn until every process has to wait; gives how many calls that took. */
async function flood(budgets: readonly CallBudget[], beginning: Parameters<CallBudget['begin']>[1]): Promise<number> {
  let calls = 0;
  for (let left = budgets; left.length > 0; ) {
    const going: CallBudget[] = [];
    for (const budget of left) {
      if (!(await attempt(budget, beginning))) continue;
      calls += beginning.calls;
      going.push(budget);
    }
    left = going;
  }
  return calls;
}

const inSlice = (share: number) => (share * LIMIT.callsPerMinute * SLICE_MS) / 60_000;

describe('the budget of calls', () => {
  it.each([1, 2, 5])('leaves more than half of the limit where %d processes only search', async (processes) => {
    const calls = await flood(start().many('alerts', processes), SEARCH);
    expect(calls).toBeGreaterThan(inSlice(1 / 4));
    expect(calls).toBeLessThan(inSlice(1 / 2));
  });

  it.each([1, 2, 5])('leaves some of the limit where %d processes kill', async (processes) => {
    const calls = await flood(start().many('alerts', processes), KILL);
    expect(calls).toBeGreaterThan(inSlice(0.7));
    // What each process has not told yet comes on top.
    expect(calls).toBeLessThan(inSlice(5 / 6) + processes * KILL.calls);
  });

  it('keeps half for people who ask while alerts kill, and half for kills while people change many', async () => {
    for (const side of ['people', 'alerts'] as const) {
      const { many, clock } = start();
      const other = side === 'people' ? 'alerts' : 'people';
      const [slow, ...fast] = [...many(side, 1), ...many(other, 5)] as [CallBudget, ...CallBudget[]];
      // Both have asked before: that is how each knows of the other.
      for (const budget of [slow, ...fast, slow, ...fast]) {
        await attempt(budget, KILL);
        await attempt(budget, KILL);
      }
      clock.ms += SLICE_MS;
      const starved: number[] = [];
      for (const from = clock.ms; clock.ms < from + SLICE_MS; clock.ms += 1000) {
        await flood(fast, KILL);
        if (!(await attempt(slow, KILL))) starved.push(clock.ms - from);
      }
      expect([side, starved]).toEqual([side, []]);
    }
  });

  it('says how long to wait, is full again in the next slice, and counts each limit by itself', async () => {
    const { many, clock } = start();
    const [budget] = many('alerts', 1) as [CallBudget];
    clock.ms += 5500;
    const first = await flood([budget], KILL);
    await expect(budget.begin(LIMIT, KILL)).rejects.toMatchObject({ retryAfterSeconds: 5 });
    expect(await attempt(budget, KILL, { ...LIMIT, name: 'dfns:or-2' })).toBe(true);
    clock.ms += 4500;
    expect(await flood([budget], KILL)).toBe(first);
  });

  it('has those that wait for the next slice come one after the other, and none before it', async () => {
    const { many, clock, chance } = start();
    const [budget] = many('alerts', 1) as [CallBudget];
    clock.ms += 5500;
    await flood([budget], KILL);
    const pauses: unknown[] = [];
    for (chance.next of [0, 0.25, 0.5, 0.999]) {
      await budget.begin(LIMIT, KILL).catch((error: unknown) => pauses.push((error as Fault).retryAfterSeconds));
    }
    expect(pauses).toEqual([5, 6, 7, 9]);
  });

  it('begins nothing for alerts where the provider has refused one, until the next slice; people go on', async () => {
    const { many, clock } = start();
    const [alerts] = many('alerts', 1) as [CallBudget];
    const [people] = many('people', 1) as [CallBudget];
    for (const budget of [alerts, people]) budget.refused(LIMIT);
    expect(await attempt(alerts, KILL)).toBe(false);
    expect(await attempt(people, KILL)).toBe(true);
    clock.ms += SLICE_MS;
    expect(await attempt(alerts, KILL)).toBe(true);
  });

  it('costs no call of the table for one kill, and about one for each where there are many', async () => {
    const { many, counted } = start();
    const [budget] = many('alerts', 1) as [CallBudget];
    await attempt(budget, KILL);
    expect(counted.calls).toBe(0);
    for (let kills = 1; kills < 20; kills += 1) await attempt(budget, KILL);
    expect(counted.calls).toBeLessThanOrEqual(20);
  });

  it('lets somebody go first, however small the limit', async () => {
    const { many } = start();
    const [budget] = many('alerts', 1) as [CallBudget];
    expect(await attempt(budget, KILL, { ...LIMIT, callsPerMinute: 3 })).toBe(true);
    expect(await attempt(budget, KILL, { ...LIMIT, callsPerMinute: 3 })).toBe(false);
  });

  it('holds nobody back for others where the table cannot be reached', async () => {
    const budget = createCallBudget({
      side: 'alerts',
      notes: { count: () => Promise.reject(new Error('no table')) },
      now: () => new Date(STARTED),
      sleep: async () => undefined,
      random: () => 0,
    });
    expect(await flood([budget], KILL)).toBeGreaterThan(inSlice(0.7));
  });
});
