import { isWithin } from '#shared/core/is-within.ts';

interface FreshDeps<T> {
  readonly load: (key: string) => Promise<T>;
  readonly now: () => Date;
  /** With more keys than this all are forgotten. */
  readonly most?: number;
  /** False for a value that is given only to who waits for it, and kept no more than a failure is. */
  readonly isKept?: (value: T) => boolean;
}

interface Kept<T> {
  readonly at: number;
  readonly value: Promise<T>;
  /** True once it was read: its value is no failure. */
  isRead: boolean;
}

/** Gives a key's value, read at most `maxAgeMs` ago: what is known, else what is being read, else what is then read. */
export type Fresh<T> = (key: string, maxAgeMs: number) => Promise<T>;

/**
 * Keeps what `load` reads, each key for as long as its caller says. Callers at one time share one read. A failure is never kept,
 * and takes nothing from who is content with what was read before.
 */
export function createFresh<T>({
  load,
  now,
  most = Number.POSITIVE_INFINITY,
  isKept = () => true,
}: FreshDeps<T>): Fresh<T> {
  const kept = new Map<string, Kept<T>>();

  return (key, maxAgeMs) => {
    const known = kept.get(key);
    if (known !== undefined && isWithin(known.at, now(), maxAgeMs)) return known.value;
    const entry: Kept<T> = { at: now().getTime(), value: load(key), isRead: false };
    if (kept.size >= most && known === undefined) kept.clear();
    kept.set(key, entry);
    const forget = () => {
      if (kept.get(key) !== entry) return;
      if (known?.isRead === true) kept.set(key, known);
      else kept.delete(key);
    };
    entry.value.then((value) => {
      entry.isRead = isKept(value);
      if (!entry.isRead) forget();
    }, forget);
    return entry.value;
  };
}
