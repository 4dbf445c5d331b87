import type { Journal, Remember } from '../store.ts';
import { allOf, anyOf, type Condition } from './condition.ts';
import type { Items } from './items.ts';
import { JOURNAL, jobKey, journalKey } from './keys.ts';
import {
  type Every,
  hasLapsed,
  inProgress,
  isExpired,
  isNew,
  isOurs,
  LEASE,
  type LeaseTimes,
  toSeconds,
  whileRenewing,
} from './lease.ts';
import { pack, type Packed, unpack } from './packed.ts';

interface RememberDeps {
  readonly items: Items;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly every: Every;
  readonly lease?: LeaseTimes | undefined;
}

/** One try at one job. */
interface Run {
  readonly key: string;
  /** Fences the run: it is in the item for as long as the run is the one that counts. */
  readonly id: string;
  readonly attempt: number;
}

const KEPT_SECONDS = 30 * 24 * 3600;

/*
 * A job's item over time:
 *
 *   isNew        running, renewed every 2 s           8 s without renewal        done
 *   ──┬───────────┬──────────────────────────────────┬───────────────────────────┬──────────────────────────► 30 days
 *     │ begin     │ nobody else may begin            │ hasLapsed: begin again    │ the result is replayed     │ isExpired
 *                 └─ isReleased, when the work threw: begin again
 */
const isRunning: Condition = { expression: '#state = :running', values: { running: 'running' } };
const isReleased: Condition = { expression: '#state = :released', values: { released: 'released' } };

/** Remembers jobs in the table; see the port for what that guarantees. */
export function createRemember({ items, now, newId, every, lease = LEASE }: RememberDeps): Remember {
  const leaseUntil = () => now().getTime() + lease.lastsMs;
  const ttl = () => toSeconds(now()) + KEPT_SECONDS;

  async function begin(key: string): Promise<Run | undefined> {
    const id = newId();
    const mayBegin = anyOf(isNew, isReleased, allOf(isRunning, hasLapsed(now())), isOurs(id), isExpired(now()));
    const set = { state: 'running', by: id, leaseUntil: leaseUntil(), ttl: ttl() } as const;
    const item = await items.update(jobKey(key), { set, increment: 'attempt' }, mayBegin);
    return item && { key, id, attempt: item.attempt ?? 1 };
  }

  async function renew({ key, id }: Run): Promise<boolean> {
    const isStillOurs = allOf(isOurs(id), isRunning);
    return (await items.update(jobKey(key), { set: { leaseUntil: leaseUntil() } }, isStillOurs)) !== undefined;
  }

  /** True when the result is stored; false when another run has taken over, whose result will count. */
  async function finish({ key, id }: Run, result: Packed | undefined): Promise<boolean> {
    const set = { state: 'done', body: result, ttl: ttl() } as const;
    return (await items.update(jobKey(key), { set }, isOurs(id))) !== undefined;
  }

  async function release({ key, id }: Run): Promise<void> {
    // Never over a finished job: the answer to `finish` may have been lost. If the table is down, the lease just lapses.
    await items
      .update(jobKey(key), { set: { state: 'released' } }, allOf(isOurs(id), isRunning))
      .catch(() => undefined);
  }

  async function replay<T>(key: string): Promise<{ value: T; replayed: true }> {
    const item = await items.get(jobKey(key));
    if (item?.state === 'done') return { value: unpack<T>(item.body) as T, replayed: true };
    throw inProgress('job', (item?.leaseUntil ?? 0) - now().getTime());
  }

  async function openJournal(run: Run): Promise<Journal> {
    const entries = new Map<string, Packed | undefined>();
    if (run.attempt > 1) {
      for await (const { sk, name, body, ttl: end = 0 } of items.query({ pk: jobKey(run.key).pk, from: JOURNAL })) {
        if (sk.startsWith(JOURNAL) && name !== undefined && end > toSeconds(now())) entries.set(name, body);
      }
    }
    return {
      attempt: run.attempt,
      get: <T>(name: string) => unpack<T>(entries.get(name)),
      async put(name, value) {
        const body = pack(value);
        // Who lost the lease must not act either: a note is written before an effect.
        if (!(await renew(run))) throw inProgress('job', lease.lastsMs);
        await items.put({ ...journalKey(run.key, name), name, body, ttl: ttl() });
        entries.set(name, body);
      },
    };
  }

  return async <T>(key: string, work: (journal: Journal) => Promise<T>) => {
    const run = await begin(key);
    if (run === undefined) return replay<T>(key);
    const value = await whileRenewing({ every, everyMs: lease.renewEveryMs, renew: () => renew(run) }, async () => {
      try {
        return await work(await openJournal(run));
      } catch (error) {
        await release(run);
        throw error;
      }
    });
    return (await finish(run, pack(value))) ? { value, replayed: false } : replay<T>(key);
  };
}
