import { allEnded } from '#shared/core/all-ended.ts';
import { sha256Hex } from '#shared/core/hmac-sha256.ts';
import type { Notes, Tally } from '../store.ts';
import { putAlong, writeOf } from './put-along.ts';
import { anyOf } from './condition.ts';
import type { Items, WriteAnswer } from './items.ts';
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
/** Of how many places it is looked at once who has them. */
const LOOKED_AT = 100;

/** A claim as it is known: it stays where it is until its time is over, whoever made it. */
interface Claim {
  readonly by: string;
  readonly ttl: number;
}

/** Keeps notes in the table; a note whose time is over is gone at once, whenever DynamoDB removes it. */
export function createNotes({ items, now, newId }: NotesDeps): Notes {
  const ttl = (seconds: number) => toSeconds(now()) + Math.ceil(seconds);
  const { remember, holderOf, openTo } = rememberClaims(now);
  const learnHolder = async (key: string): Promise<string | undefined> => {
    const { by = '', ttl: until = 0 } = (await items.get(noteKey(key))) ?? {};
    if (until <= toSeconds(now())) return undefined;
    remember(key, { by, ttl: until });
    return by;
  };
  const claim: Notes['claim'] = async (key, ttlSeconds, { by = newId(), along = [] } = {}) => {
    const holder = holderOf(key);
    // What was claimed stays claimed until its time is over: nobody has to be asked. Its holder has it for longer.
    if (holder !== undefined && holder !== by) return false;
    const { put, until } = claimOf(key, ttlSeconds, by);
    const { isMet } = await putAlong(items, put, along);
    if (isMet) remember(key, { by, ttl: until });
    return isMet;
  };
  const claimOf = (key: string, ttlSeconds: number, by: string) => {
    const isFree = anyOf(isNew, isExpired(now()), isHeldBy(by));
    const until = ttl(ttlSeconds);
    return { put: { put: { ...noteKey(key), by, body: pack(by), ttl: until }, condition: isFree }, until };
  };
  const itemOf = (key: string, value: unknown, seconds: number) => ({
    ...noteKey(key),
    body: pack(value),
    ttl: ttl(seconds),
  });
  return {
    put: (key, value, ttlSeconds) => items.put(itemOf(key, value, ttlSeconds)).then(() => undefined),
    writing: (key, value, ttlSeconds) => writeOf({ writes: [{ put: itemOf(key, value, ttlSeconds) }] }),
    async get<T>(key: string) {
      const { ttl: until = 0, body } = (await items.get(noteKey(key))) ?? {};
      return until > toSeconds(now()) ? unpack<T>(body) : undefined;
    },
    count: async (key, more, ttlSeconds) =>
      tallyOf(await items.update(noteKey(key), { set: { ttl: ttl(ttlSeconds) }, increment: more.of, step: more.by })),
    claim,
    async claimOneOf(keys, ttlSeconds, how) {
      const { by } = how;
      // Everybody begins elsewhere, and always at the same place: few meet, and who asks again finds what it has.
      let open = beginningAt(keys, by);
      for (;;) {
        open = openTo(by, open);
        const [first] = open;
        if (first === undefined) return false;
        if (await claim(first, ttlSeconds, how)) return true;
        const holders = await allEnded(open.slice(0, LOOKED_AT).map(learnHolder));
        open = open.filter((_, place) => holders[place] === undefined || holders[place] === by);
      }
    },
    claimingOneOf: (keys, ttlSeconds, { by, unmet }) => {
      const [first] = openTo(by, beginningAt(keys, by));
      if (first === undefined) return undefined;
      const { put, until } = claimOf(first, ttlSeconds, by);
      return writeOf({ writes: [put], done: () => remember(first, { by, ttl: until }), unmet });
    },
  };
}

const tallyOf = ({ item }: WriteAnswer): Tally => ({ people: item?.people ?? 0, alerts: item?.alerts ?? 0 });

/** Remembers what this process has claimed, and what it has seen others have of keys that are claimed one of several. */
function rememberClaims(now: () => Date) {
  const claimed = new Map<string, Claim>();
  const holderOf = (key: string): string | undefined => {
    const known = claimed.get(key);
    return known !== undefined && known.ttl > toSeconds(now()) ? known.by : undefined;
  };
  return {
    holderOf,
    remember: (key: string, claim: Claim): void => {
      if (claimed.size >= MOST_REMEMBERED) claimed.clear();
      claimed.set(key, claim);
    },
    /** What may be claimed, as far as this process knows: what `by` has, before what nobody has. */
    openTo: (by: string, keys: readonly string[]): readonly string[] => [
      ...keys.filter((key) => holderOf(key) === by),
      ...keys.filter((key) => holderOf(key) === undefined),
    ],
  };
}

/** The same keys, from one on that follows from the name. */
function beginningAt(keys: readonly string[], by: string): readonly string[] {
  const start = Number.parseInt(sha256Hex(by).slice(0, 8), 16) % keys.length;
  return [...keys.slice(start), ...keys.slice(0, start)];
}
