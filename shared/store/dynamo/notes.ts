import type { Notes } from '../store.ts';
import { anyOf } from './condition.ts';
import type { Items } from './items.ts';
import { noteKey } from './keys.ts';
import { isExpired, isNew, isOurs, toSeconds } from './lease.ts';
import { pack, unpack } from './packed.ts';

interface NotesDeps {
  readonly items: Items;
  readonly now: () => Date;
  readonly newId: () => string;
}

/** Keeps notes in the table; a note whose time is over is gone at once, whenever DynamoDB removes it. */
export function createNotes({ items, now, newId }: NotesDeps): Notes {
  const ttl = (seconds: number) => toSeconds(now()) + Math.ceil(seconds);
  return {
    async put(key, value, ttlSeconds) {
      await items.put({ ...noteKey(key), body: pack(value), ttl: ttl(ttlSeconds) });
    },
    async get<T>(key: string) {
      const item = await items.get(noteKey(key));
      return item?.ttl !== undefined && item.ttl > toSeconds(now()) ? unpack<T>(item.body) : undefined;
    },
    async claim(key, ttlSeconds, by = newId()) {
      const isFree = anyOf(isNew, isExpired(now()), isOurs(by));
      return items.put({ ...noteKey(key), by, body: pack(by), ttl: ttl(ttlSeconds) }, isFree);
    },
  };
}
