import { allEnded } from '#shared/core/all-ended.ts';
import type { Notes } from '#shared/store/store.ts';

/** Names the note of which case something reported, by one of its keys, belongs to. */
function caseOfNote(key: string): string {
  return `case-of:${key}`;
}

/** How long a clue is known to belong to a token's case: as long as anybody may report it again. */
export const CLUE_KNOWN_SECONDS = 180 * 24 * 3600;

/** The notes to which case (by its key) belongs whatever is reported by one of these keys. */
export function knownNotes(keys: readonly string[], key: string): readonly (readonly [string, string, number])[] {
  return [...new Set(keys)].map((one) => [caseOfNote(one), key, CLUE_KNOWN_SECONDS]);
}

/** Gives the keys of the cases that something reported is known to belong to, for each of its own keys. */
export function knownKeys(
  notes: Pick<Notes, 'get'>,
  keys: readonly string[],
): Promise<readonly (string | undefined)[]> {
  return allEnded(keys.map((key) => notes.get<string>(caseOfNote(key))));
}

/** Gives the key of the case that something reported is known to belong to, by the first of its keys that anybody knows. */
export async function knownKey(notes: Pick<Notes, 'get'>, keys: readonly string[]): Promise<string | undefined> {
  return (await knownKeys(notes, keys)).find((key) => key !== undefined);
}
