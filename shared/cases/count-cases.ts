import type { CaseState, Store } from '#shared/store/store.ts';
import { needsPerson } from './needs-person.ts';

/** More open cases than this are told as this many: nobody needs to know the number any more. */
const MOST_COUNTED = 2000;

/** How many cases are open in each state, how many of them need a person, and how long the first of these has waited. */
export interface CaseCounts {
  readonly byState: Readonly<Partial<Record<CaseState, number>>>;
  readonly waiting: number;
  readonly longestWaitSeconds: number;
}

/** Counts the open cases. Throws the store's faults. */
export async function countCases({ cases }: Pick<Store, 'cases'>, now: Date): Promise<CaseCounts> {
  const open = await cases.list({ open: true, limit: MOST_COUNTED });
  const byState: Partial<Record<CaseState, number>> = {};
  for (const { state } of open) byState[state] = (byState[state] ?? 0) + 1;
  const waits = open
    .filter(needsPerson)
    // A case whose card could not be said yet has waited since it was opened.
    .map(({ need, openedAt }) => (now.getTime() - Date.parse(need?.since ?? openedAt)) / 1000);
  return { byState, waiting: waits.length, longestWaitSeconds: Math.round(Math.max(0, ...waits)) };
}
