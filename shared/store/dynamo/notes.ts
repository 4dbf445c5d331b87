import type { Notes } from '../store.ts';
import { putAlong, writeOf } from './put-along.ts';
import { anyOf } from './condition.ts';
import type { Items } from './items.ts';
import { noteKey } from './keys.ts';
import { isExpired, isNew, isHeldBy, toSeconds } from './lease.ts';
import { pack, unpack } from './packed.ts';

interface NotesDeps {
  readonly items: Items;
  readonly now: () => Date;
  readonly newId: () => string;
}

/** Of more claims a process forgets all. */
const MOST_REMEMBERED = 1000;

/** Keeps notes in the table; a note whose time is over is gone at once, whenever DynamoDB removes it. */
export function createNotes({ items, now, newId }: NotesDeps): Notes {
  const ttl = (seconds: number) => toSeconds(now()) + Math.ceil(seconds);
  /** What this process has claimed. */
  const claimed = new Map<string, { readonly by: string; readonly ttl: number }>();
  const remember = (key: string, claim: { readonly by: string; readonly ttl: number }): void => {
    if (claimed.size >= MOST_REMEMBERED) claimed.clear();
    claimed.set(key, claim);
  };
  const itemOf = (key: string, value: unknown, ttlSeconds: number) => ({
    ...noteKey(key),
    body: pack(value),
    ttl: ttl(ttlSeconds),
  });
  return {
    async put(key, value, ttlSeconds) {
      await items.put(itemOf(key, value, ttlSeconds));
    },
    writing: (key, value, ttlSeconds) => writeOf({ writes: [{ put: itemOf(key, value, ttlSeconds) }] }),
    async get<T>(key: string) {
      const item = await items.get(noteKey(key));
      return item?.ttl !== undefined && item.ttl > toSeconds(now()) ? unpack<T>(item.body) : undefined;
    },
    async claim(key, ttlSeconds, { by = newId(), along = [] } = {}) {
      const mine = claimed.get(key);
      // What was claimed here stays claimed until its time is over: nobody has to be asked. Its holder has it for longer.
      if (mine !== undefined && mine.ttl > toSeconds(now()) && mine.by !== by) return false;
      const isFree = anyOf(isNew, isExpired(now()), isHeldBy(by));
      const until = ttl(ttlSeconds);
      const claim = { put: { ...noteKey(key), by, body: pack(by), ttl: until }, condition: isFree };
      const isWon = await putAlong(items, claim, along);
      if (isWon) remember(key, { by, ttl: until });
      return isWon;
    },
  };
}
