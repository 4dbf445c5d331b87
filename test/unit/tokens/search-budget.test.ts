import { expect, it } from 'vitest';
import { isFault } from '#shared/core/fault.ts';
import { createSearchBudget } from '#shared/tokens/search-budget.ts';
import { createMemoryStore } from '#test/support/memory-store.ts';

const LIMIT = 1000;

/** Some processes that share a table and a clock. */
function start(processes: number) {
  const { notes } = createMemoryStore();
  const clock = { ms: 3 * 60_000 + 15_000 };
  const budgets = Array.from({ length: processes }, () =>
    createSearchBudget({ notes, now: () => new Date(clock.ms), callsPerMinute: () => LIMIT }),
  );
  /** Searches in turn until every process is told to wait; gives how many calls that took. */
  const flood = async (): Promise<number> => {
    let calls = 0;
    for (let left = budgets; left.length > 0; ) {
      const going: typeof budgets = [];
      for (const budget of left) {
        try {
          budget.check('dfns-demo');
        } catch (error) {
          expect(isFault(error, 'provider_rate_limited')).toBe(true);
          expect(error).toMatchObject({ retryAfterSeconds: 45 });
          continue;
        }
        await budget.spend('dfns-demo');
        calls += 1;
        going.push(budget);
      }
      left = going;
    }
    return calls;
  };
  return { clock, budgets, flood };
}

it('leaves more than half of the published limit to its owner, however many processes search', async () => {
  for (const processes of [1, 5, 10]) {
    const calls = await start(processes).flood();
    expect(calls).toBeGreaterThan(LIMIT / 4);
    expect(calls).toBeLessThan(LIMIT / 2);
  }
});

it('is full again in the next minute, and counts each profile by itself', async () => {
  const { clock, budgets, flood } = start(2);
  const first = await flood();
  budgets[0]?.check('another');
  clock.ms += 60_000;
  budgets[0]?.check('dfns-demo');
  expect(await flood()).toBe(first);
});
