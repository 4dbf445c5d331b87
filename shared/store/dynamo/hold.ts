import type { Hold } from '../store.ts';
import { anyOf } from './condition.ts';
import type { Items } from './items.ts';
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
/** DynamoDB removes what a crash left behind. */
const LEFTOVER_SECONDS = 3600;

/** Holds keys in the table; see the port for what that guarantees. Without `waitMs` it waits 10 s. */
export function createHold({ items, now, sleep, newId, every, lease = LEASE }: HoldDeps): Hold {
  async function take(key: string, by: string): Promise<boolean> {
    const leaseUntil = now().getTime() + lease.lastsMs;
    const isFree = anyOf(isNew, hasLapsed(now()), isOurs(by));
    return items.put({ ...lockKey(key), by, leaseUntil, ttl: toSeconds(now()) + LEFTOVER_SECONDS }, isFree);
  }

  /** True where it had to wait. */
  async function takeWithin(waitMs: number, key: string, by: string): Promise<boolean> {
    const deadline = now().getTime() + waitMs;
    let waited = false;
    for (let pause = FIRST_PAUSE_MS; !(await take(key, by)); pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      if (now().getTime() >= deadline) throw inProgress('lock', lease.lastsMs);
      waited = true;
      await sleep(pause);
    }
    return waited;
  }

  return async (key, work, waitMs = WAIT_MS) => {
    const by = newId();
    const waited = await takeWithin(waitMs, key, by);
    const renew = () =>
      items.update(lockKey(key), { set: { leaseUntil: now().getTime() + lease.lastsMs } }, isOurs(by));
    try {
      return await whileRenewing({ every, everyMs: lease.renewEveryMs, renew }, () => work({ waited }));
    } finally {
      // What the work came to counts more than a lock that lapses by itself.
      await items.remove(lockKey(key), isOurs(by)).catch(() => undefined);
    }
  };
}
