import { array, lenient, map, type Schema, string } from '#shared/core/schema.ts';

/** Texts that are told and compared, and of which none that a provider makes is as long. */
const MOST_CHARACTERS = 200;
const MOST_ITEMS = 50;

const cut = (text: string): string => text.slice(0, MOST_CHARACTERS).toWellFormed();

/** Any text of a provider, whole; empty where there is none. */
export const wholeText: Schema<string> = map(lenient(string), (text) => text ?? '');

/** A text of a provider, cut where it is longer than any that can be kept of every token; empty where there is none. */
export const foreignText: Schema<string> = map(wholeText, cut);

/** A list of such values; empty where one of them does not fit, or there is no list. */
export const foreignList = <T>(of: Schema<T>): Schema<T[]> => map(lenient(array(of)), (list) => list ?? []);

/** As many of a token's permissions as can be kept with it, and how many there are beyond. */
export function cutPermissions(permissions: readonly string[]): string[] {
  const texts = permissions.map(cut);
  if (texts.length <= MOST_ITEMS) return texts;
  return [...texts.slice(0, MOST_ITEMS - 1), `and ${texts.length - MOST_ITEMS + 1} more`];
}
