import type { Held, Hold, Kept, Write } from '../store.ts';
import { putAlong, writeOf } from './along.ts';
import { anyOf } from './condition.ts';
import type { Item, Items, Write as ItemWrite } from './items.ts';
import { pack, type Packed, unpack } from './packed.ts';
import { lockKey } from './keys.ts';
import {
  type Every,
  hasLapsed,
  inProgress,
  isNew,
  isOurs,
  LEASE,
  type LeaseTimes,
  toSeconds,
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
  const leaseUntil = () => now().getTime() + lease.lastsMs;
  const ttl = () => toSeconds(now()) + KEPT_SECONDS;
  return async (key, work, waitMs = WAIT_MS) => {
    const by = newId();
    const { waited, item } = await takeWithin(deps, { waitMs, key, by });
    let body = item.body;
    let isStored = body !== undefined;
    let isKeeping = false;
    const left: Write[] = [];
    const setting = (next: Packed | undefined): ItemWrite => {
      const set = { body: next, leaseUntil: leaseUntil(), ttl: ttl() };
      return { update: lockKey(key), set, condition: isOurs(by) };
    };
    const held: Held = {
      waited,
      kept: <T>() => unpack<T>(body),
      keep: (value) => {
        body = pack(value);
        isKeeping = true;
      },
      keeping: (value) => {
        const next = pack(value);
        const done = (): void => {
          body = next;
          isStored = true;
        };
        return writeOf({ writes: [setting(next)], done, unmet: () => inProgress('lock', lease.lastsMs) });
      },
      leave: (write) => void left.push(write),
    };
    const giveBack = (): ItemWrite => {
      if (body === undefined && !isStored) return { remove: lockKey(key), condition: isOurs(by) };
      const back = `back:${by}`;
      // Ours again where the answer was lost and the client has written again.
      const condition = { expression: '#by = :by OR #by = :back', values: { by, back } };
      return { update: lockKey(key), set: { body, by: back, leaseUntil: 0, ttl: ttl() }, condition };
    };
    const renew = () => items.update(lockKey(key), { set: { leaseUntil: leaseUntil() } }, isOurs(by));
    let value;
    try {
      value = await whileRenewing({ every, everyMs: lease.renewEveryMs, renew }, () => work(held));
    } catch (error) {
      // What went wrong counts more than a lock that lapses by itself, and than what is left with it.
      await putAlong(items, giveBack(), left).catch(() => undefined);
      throw error;
    }
    if (left.length === 0 && !isKeeping) await putAlong(items, giveBack(), []).catch(() => undefined);
    else if (!(await putAlong(items, giveBack(), left))) throw inProgress('lock', lease.lastsMs);
    return value;
  };
}

interface Taking {
  readonly waitMs: number;
  readonly key: string;
  readonly by: string;
}

/** Takes a key, and tells whether it had to be waited for. */
async function takeWithin(
  { items, now, sleep, lease = LEASE }: HoldDeps,
  { waitMs, key, by }: Taking,
): Promise<{ readonly waited: boolean; readonly item: Item }> {
  const deadline = now().getTime() + waitMs;
  for (let pause = FIRST_PAUSE_MS, waited = false; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS), waited = true) {
    const set = { by, leaseUntil: now().getTime() + lease.lastsMs, ttl: toSeconds(now()) + KEPT_SECONDS };
    const item = await items.update(lockKey(key), { set }, anyOf(isNew, hasLapsed(now()), isOurs(by)));
    if (item !== undefined) return { waited, item };
    if (now().getTime() >= deadline) throw inProgress('lock', lease.lastsMs);
    await sleep(pause);
  }
}

/** Reads what is kept with keys. */
export function createKept({ items }: Pick<HoldDeps, 'items'>): Kept {
  return async <T>(key: string) => unpack<T>((await items.get(lockKey(key)))?.body);
}
