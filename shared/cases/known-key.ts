import { allEnded } from '#shared/core/all-ended.ts';
import type { Store } from '#shared/store/store.ts';

/** Gives the key of the case that something reported is known to belong to, by the first of its keys that anybody knows. */
export async function knownKey({ notes }: Pick<Store, 'notes'>, keys: readonly string[]): Promise<string | undefined> {
  const known = await allEnded(keys.map((key) => notes.get<string>(`case-of:${key}`)));
  return known.find((key) => key !== undefined);
}
