import type { Store } from '#shared/store/store.ts';
import type { Muted } from '#shared/tokens/digest.ts';

/** More cases than these are told as these: nobody needs to know the number any more. */
const MOST_COUNTED = 2000;

/**
 * Counts what the policy has muted of the leaks that came first since a time, most first, so that nothing is kept quiet for good.
 * Throws the store's faults.
 */
export async function countMuted({ cases }: Pick<Store, 'cases'>, since: Date): Promise<readonly Muted[]> {
  const found = await cases.list({ since: since.toISOString(), limit: MOST_COUNTED });
  const counts = new Map<string, number>();
  for (const { state, reports, count } of found) {
    if (state !== 'muted') continue;
    const detector = reports.at(-1)?.detector ?? '';
    counts.set(detector, (counts.get(detector) ?? 0) + count);
  }
  return [...counts]
    .map(([detector, reports]) => ({ detector, reports }))
    .toSorted((left, right) => right.reports - left.reports);
}
