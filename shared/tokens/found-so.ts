import type { Mutation, TokenRef } from '#shared/core/vocabulary.ts';
import type { Write } from '#shared/store/store.ts';
import type { Services } from './services.ts';

/** A person's word about a token for which nothing had to be done: it was so already. */
export interface FoundSo {
  readonly verb: Mutation;
  /** ISO 8601: when it was decided. */
  readonly decidedAt: string;
}

/** As long as a job is remembered that may have been decided before it, and comes back. */
const KEPT_SECONDS = 30 * 86_400;

function noteOf({ profile, id }: TokenRef): string {
  return `found-so:${profile}:${id}`;
}

/** Reads which of these words about a token was decided last. */
export function lastFoundSo({ store }: Pick<Services, 'store'>, ref: TokenRef): Promise<FoundSo | undefined> {
  return store.notes.get<FoundSo>(noteOf(ref));
}

/** Gives the note of such a word as writes, for whoever holds the token: none where a later one is noted. */
export async function notingFoundSo(
  services: Pick<Services, 'store'>,
  ref: TokenRef,
  word: FoundSo,
): Promise<readonly Write[]> {
  const last = await lastFoundSo(services, ref);
  if (last !== undefined && last.decidedAt > word.decidedAt) return [];
  return [services.store.notes.writing(noteOf(ref), word, KEPT_SECONDS)];
}
