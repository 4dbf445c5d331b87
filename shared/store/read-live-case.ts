import type { Case, Store } from './store.ts';

/** The case with this id, or the one in which it goes on. */
export async function readLiveCase(store: Pick<Store, 'cases'>, id: string): Promise<Case | undefined> {
  const kase = await store.cases.get(id);
  return kase?.mergedInto !== undefined && isMerged(kase) ? readLiveCase(store, kase.mergedInto) : kase;
}

/** True for a case that goes on in another one: nobody has dismissed it, and nothing more happens to it. */
export function isMerged({ mergedInto, dismissedBy }: Pick<Case, 'mergedInto' | 'dismissedBy'>): boolean {
  return mergedInto !== undefined && dismissedBy === undefined;
}
