import * as z from 'zod';

/** Texts that are told and compared, and of which none that a provider makes is as long. */
const MOST_CHARACTERS = 200;
const MOST_ITEMS = 50;

/** A text of a provider, cut where it is longer than any that can be kept of every token; empty where there is none. */
export const foreignText = z
  .string()
  .catch('')
  .transform((text) => text.slice(0, MOST_CHARACTERS).toWellFormed());

/** As many of a token's permissions as can be kept with it, and how many there are beyond. */
export function cutPermissions(permissions: readonly string[]): string[] {
  const texts = permissions.map((text) => text.slice(0, MOST_CHARACTERS).toWellFormed());
  if (texts.length <= MOST_ITEMS) return texts;
  return [...texts.slice(0, MOST_ITEMS - 1), `and ${texts.length - MOST_ITEMS + 1} more`];
}
