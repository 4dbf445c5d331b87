import type { Held, Hold, Kept, Write } from '../store.ts';
import { putAlong, writeOf } from './put-along.ts';
import { anyOf } from './condition.ts';
import type { Item, Items, ItemWrite } from './items.ts';
import { SHORTER } from '../shorten.ts';
import { pack, type Packed, unpack } from './packed.ts';
import { lockKey } from './keys.ts';
import {
  type Every,
  hasLapsed,
  inProgress,
  isGivenBack,
  isHeldBy,
  isNew,
  isStill,
  LEASE,
  type LeaseTimes,
  toSeconds,
  watchMsOf,
  whileRenewing,
} from './lease.ts';

interface HoldDeps {
  readonly items: Items;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly newId: () => string;
  readonly every: Every;
  readonly lease?: LeaseTimes | undefined;
}

/** Longer than a lease lasts, so that a holder that crashed is waited out. */
const WAIT_MS = 10_000;
const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 400;
/** DynamoDB removes what a crash left behind, and what was kept, when nobody asks for it any more. */
const KEPT_SECONDS = 30 * 86_400;

/** Holds keys in the table; see the port for what that guarantees. Without `waitMs` it waits 10 s. */
export function createHold(deps: HoldDeps): Hold {
  const { items, now, newId, every, lease = LEASE } = deps;
  return async (key, work, waitMs = WAIT_MS) => {
    const by = newId();
    const { waited, item } = await takeWithin(deps, { waitMs, key, by });
    const holding = openHolding(deps, { key, by, waited, item });
    const leaseUntil = () => now().getTime() + lease.lastsMs;
    const renew = () => items.update(lockKey(key), { set: { leaseUntil: leaseUntil() } }, isHeldBy(by));
    let value;
    try {
      value = await whileRenewing({ every, everyMs: lease.renewEveryMs, renew }, () => work(holding.held));
    } catch (error) {
      // What went wrong counts more than a lock that lapses by itself, and than what is left with it.
      if (!holding.isGivenBack()) await holding.giveBack().catch(() => undefined);
      throw error;
    }
    if (holding.isGivenBack()) return value;
    if (!holding.leavesSomething()) await holding.giveBack().catch(() => undefined);
    else if (!(await holding.giveBack())) throw inProgress('lock', lease.lastsMs);
    return value;
  };
}

interface Holding {
  readonly held: Held;
  /** True where the work has given the key back by a write of its own. */
  isGivenBack(): boolean;
  leavesSomething(): boolean;
  /** Gives the key back with what is left; false where it is not held any more. */
  giveBack(): Promise<boolean>;
}

/** What one holder does with a key. */
function openHolding(
  { items, now, lease = LEASE }: HoldDeps,
  { key, by, waited, item }: Pick<Taking, 'key' | 'by'> & Pick<Held, 'waited'> & { readonly item: Item },
): Holding {
  const { attempt } = item;
  let body: Packed | undefined = item.body;
  let isKeeping = false;
  let isGivenBack = false;
  const left: Write[] = [];
  const ttl = () => toSeconds(now()) + KEPT_SECONDS;
  const back = (): ItemWrite => {
    const nobody = `back:${by}`;
    // Ours again where the answer was lost and the client has written again.
    const condition = { expression: '#by = :by OR #by = :nobody', values: { by, nobody } };
    // A put, since what is put with it may be a line of the record: the role updates and removes nothing beside one.
    return { put: { ...lockKey(key), by: nobody, leaseUntil: 0, ttl: ttl(), attempt, body }, condition };
  };
  const held: Held = {
    waited,
    isFirst: attempt === 1,
    kept: <T>() => unpack<T>(body),
    keep: (value) => {
      body = pack(value, SHORTER);
      isKeeping = true;
    },
    keeping: (value) => {
      const next = pack(value, SHORTER);
      const set = { body: next, leaseUntil: now().getTime() + lease.lastsMs, ttl: ttl() };
      return writeOf({
        writes: [{ update: lockKey(key), set, condition: isHeldBy(by) }],
        done: () => {
          body = next;
        },
        unmet: () => inProgress('lock', lease.lastsMs),
      });
    },
    leave: (write) => void left.push(write),
    givingBack: () => {
      const done = () => {
        isGivenBack = true;
      };
      return [writeOf({ writes: [back()], done, unmet: () => inProgress('lock', lease.lastsMs) }), ...left];
    },
  };
  const giveBack = async (): Promise<boolean> => {
    if (left.length > 0 || body !== undefined) return (await putAlong(items, back(), left)).isMet;
    return (await putAlong(items, { remove: lockKey(key), condition: isHeldBy(by) }, [])).isMet;
  };
  return { held, isGivenBack: () => isGivenBack, leavesSomething: () => isKeeping || left.length > 0, giveBack };
}

interface Taking {
  readonly waitMs: NonNullable<Parameters<Hold>[2]>;
  readonly key: string;
  readonly by: string;
}

/** A lease as it was read, and for how long we have paused since: our clock may be set meanwhile. */
interface SeenLease {
  readonly leaseUntil: number;
  watchedMs: number;
}

/** Takes a key, and tells whether it had to be waited for. A lease has lapsed where it was not renewed while we looked. */
async function takeWithin(
  { items, now, sleep, lease = LEASE }: HoldDeps,
  { waitMs, key, by }: Taking,
): Promise<{ readonly waited: boolean; readonly item: Item }> {
  const deadline = now().getTime() + (waitMs === 'unless_held' ? 0 : waitMs);
  const hasEnded = ({ leaseUntil, watchedMs }: SeenLease) =>
    leaseUntil < now().getTime() && watchedMs >= watchMsOf(lease) ? isStill(leaseUntil) : undefined;
  let seen: SeenLease | undefined;
  for (let pause = FIRST_PAUSE_MS, waited = false; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS), waited = true) {
    // Whoever does not wait has no time to look.
    const ended = waitMs === 0 ? hasLapsed(now()) : seen && hasEnded(seen);
    const set = { by, leaseUntil: now().getTime() + lease.lastsMs, ttl: toSeconds(now()) + KEPT_SECONDS };
    const { isMet, item } = await items.update(
      lockKey(key),
      { set, increment: 'attempt' },
      anyOf(isNew, isGivenBack, isHeldBy(by), ...(ended === undefined ? [] : [ended])),
    );
    if (isMet && item !== undefined) return { waited, item };
    if (waitMs === 'unless_held' || now().getTime() >= deadline) throw inProgress('lock', lease.lastsMs);
    if (seen === undefined || ended !== undefined) {
      const leaseUntil = item?.leaseUntil;
      seen = leaseUntil === undefined ? undefined : { leaseUntil, watchedMs: 0 };
    }
    await sleep(pause);
    if (seen !== undefined) seen.watchedMs += pause;
  }
}

/** Reads what is kept with keys. */
export function createKept({ items }: Pick<HoldDeps, 'items'>): Kept {
  return async <T>(key: string) => unpack<T>((await items.get(lockKey(key)))?.body);
}
