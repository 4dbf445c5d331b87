/** How much of a value is kept: the characters of each text and the items of each list. */
export interface Keep {
  readonly characters: number;
  readonly items: number;
  /** Of lists that hold texts alone, where they are cut more. */
  readonly texts?: number;
}

/**
 * Shortens every text and list of a JSON value. What was cut ends with "…" or is missing; the newest items of a list are kept.
 * No id, key, time or fingerprint of ours is as long as 100 characters.
 */
export function shorten<T>(value: T, keep: Keep): T {
  if (typeof value === 'string') {
    return (value.length > keep.characters ? `${value.slice(0, keep.characters - 1).toWellFormed()}…` : value) as T;
  }
  if (Array.isArray(value)) return value.slice(-mostOf(value, keep)).map((item: unknown) => shorten(item, keep)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shorten(each as unknown, keep)])) as T;
}

function mostOf(list: readonly unknown[], { items, texts = items }: Keep): number {
  return list.every((item) => typeof item === 'string') ? Math.min(items, texts) : items;
}

/**
 * The shorter forms of whatever is put down about what was done or is being done: long texts are cut, then lists of texts as
 * well. A kill is neither left undone nor told as a failure because what is known of its token is long.
 */
export const SHORTER: readonly (<T>(value: T) => T)[] = [
  { characters: 200 },
  { characters: 100 },
  { characters: 100, texts: 5 },
].map(
  (keep) =>
    <T>(value: T): T =>
      shorten(value, { items: Number.POSITIVE_INFINITY, ...keep }),
);
