/** How much of a value is kept: the characters of each text and the items of each list. */
export interface Keep {
  readonly characters: number;
  readonly items: number;
}

/**
 * Shortens every text and list of a JSON value. What was cut ends with "…" or is missing; the newest items of a list are kept.
 * No id, key, time or fingerprint of ours is as long as 100 characters.
 */
export function shorten<T>(value: T, keep: Keep): T {
  if (typeof value === 'string') {
    return (value.length > keep.characters ? `${value.slice(0, keep.characters - 1).toWellFormed()}…` : value) as T;
  }
  if (Array.isArray(value)) return value.slice(-keep.items).map((item: unknown) => shorten(item, keep)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shorten(each as unknown, keep)])) as T;
}
