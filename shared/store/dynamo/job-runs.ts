import { allOf, anyOf, type Condition } from './condition.ts';
import type { Item, Items, ItemWrite } from './items.ts';
import { jobKey } from './keys.ts';
import {
  inProgress,
  isExpired,
  isHeldBy,
  isNew,
  isStill,
  LEASE,
  type LeaseTimes,
  toSeconds,
  watchMsOf,
} from './lease.ts';
import { type Packed, unpack } from './packed.ts';

export interface JobRunsDeps {
  readonly items: Items;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly newId: () => string;
  readonly lease?: LeaseTimes | undefined;
}

/** One try at one job. */
export interface JobRun {
  readonly key: string;
  /** Fences the run: it is in the item for as long as the run is the one that counts. */
  readonly id: string;
  readonly attempt: number;
}

/** The result of a job that is done. */
export interface Replay<T> {
  readonly value: T;
  readonly replayed: true;
  /** Until when whoever told it last is alone with that, epoch milliseconds. */
  readonly leaseUntil: number | undefined;
}

/** Who tells the result of a job: the run that has ended it, until another one takes that over. */
export type Telling = Pick<JobRun, 'key' | 'id'>;

/** The runs of jobs: of each job one counts at a time, for as long as it renews its lease, and one result for ever. */
export interface JobRuns {
  /**
   * Begins a run, or gives the stored result where the job is done; throws `delivery_in_progress` where another run counts.
   * Who finds one whose lease has lapsed by our clock watches it first, and begins where it was not renewed meanwhile.
   */
  begin<T>(key: string): Promise<JobRun | Replay<T>>;
  /** False when another run has taken over. */
  renew(run: JobRun): Promise<boolean>;
  /** The same as a write, whose condition is that no other run has taken over. */
  renewal(run: JobRun): ItemWrite;
  /** True when the result is stored; false when another run has taken over, whose result will count. */
  finish(run: JobRun, result: Packed | undefined): Promise<boolean>;
  /** The same as a put, on the same condition. */
  ending(run: JobRun, result: Packed | undefined): ItemWrite;
  /** Lets the next run begin at once. If the table is down, the lease just lapses. */
  release(run: JobRun): Promise<void>;
  /** Gives the stored result; throws `delivery_in_progress` where there is none yet. */
  replay<T>(key: string): Promise<Replay<T>>;
  /** Takes the telling of a result over; throws `delivery_in_progress` where another run is at it, or was a moment ago. */
  beginTelling(key: string, done: Pick<Replay<unknown>, 'leaseUntil'>): Promise<Telling>;
  /** Keeps others from telling it. */
  renewTelling(telling: Telling): Promise<unknown>;
  /** Lets the next caller tell it at once. If the table is down, the lease just lapses. */
  releaseTelling(telling: Telling): Promise<void>;
  /** When what is kept of a job lapses, in seconds. */
  keptUntil(): number;
}

const KEPT_SECONDS = 30 * 24 * 3600;

/*
 * A job's item over time:
 *
 *   isNew        running, renewed every 2 s           8 s without renewal        done
 *   ──┬───────────┬──────────────────────────────────┬───────────────────────────┬──────────────────────────► 30 days
 *     │ begin     │ nobody else may begin            │ isStill after 2.5 s:      │ the result is replayed     │ isExpired
 *     │           │                                  │ begin again               │                            │
 *                 └─ isReleased, when the work threw: begin again
 *
 * A job that is done keeps a lease as well: for as long as it lasts, whoever has ended the job is telling its result.
 */
const isRunning: Condition = { expression: '#state = :running', values: { running: 'running' } };
const isReleased: Condition = { expression: '#state = :released', values: { released: 'released' } };
const isDone: Condition = { expression: '#state = :done', values: { done: 'done' } };
const isUnleased: Condition = { expression: 'attribute_not_exists(#leaseUntil)' };

/** Keeps the runs of jobs in the table. */
export function createJobRuns({ items, now, sleep, newId, lease = LEASE }: JobRunsDeps): JobRuns {
  const leaseUntil = () => now().getTime() + lease.lastsMs;
  const keptUntil = () => toSeconds(now()) + KEPT_SECONDS;
  const renewal = ({ key, id }: JobRun): ItemWrite => ({
    update: jobKey(key),
    set: { leaseUntil: leaseUntil() },
    condition: allOf(isHeldBy(id), isRunning),
  });
  const take = async ({ key, id }: Pick<JobRun, 'key' | 'id'>, ...hasEnded: readonly Condition[]) => {
    const mayBegin = anyOf(isNew, isReleased, isHeldBy(id), isExpired(now()), ...hasEnded);
    const set = { state: 'running', by: id, leaseUntil: leaseUntil(), ttl: keptUntil() } as const;
    const { isMet, item } = await items.update(jobKey(key), { set, increment: 'attempt' }, mayBegin);
    return { run: isMet ? { key, id, attempt: item?.attempt ?? 1 } : undefined, seen: item };
  };
  const resultOf = <T>(item: Item | undefined): Replay<T> => {
    if (item?.state === 'done') {
      return { value: unpack<T>(item.body) as T, replayed: true, leaseUntil: item.leaseUntil };
    }
    const remainingMs = (item?.leaseUntil ?? 0) - now().getTime();
    // How long one lasts that is renewed by a clock behind ours nobody can tell.
    throw inProgress('job', remainingMs > 0 ? remainingMs : lease.lastsMs);
  };
  const replay = async <T>(key: string) => resultOf<T>(await items.get(jobKey(key)));
  return {
    keptUntil,
    begin: async <T>(key: string) => {
      const asked = { key, id: newId() };
      const { run, seen } = await take(asked);
      if (run !== undefined) return run;
      const { state, leaseUntil: until = 0 } = seen ?? {};
      if (state !== 'running' || until >= now().getTime()) return resultOf<T>(seen);
      await sleep(watchMsOf(lease));
      const again = await take(asked, allOf(isRunning, isStill(until)));
      return again.run ?? resultOf<T>(again.seen);
    },
    renew: async (run) => (await items.all([renewal(run)])) === 'done',
    renewal,
    ending: ({ key, id, attempt }, result) => ({
      put: { ...jobKey(key), state: 'done', by: id, attempt, body: result, leaseUntil: leaseUntil(), ttl: keptUntil() },
      condition: isHeldBy(id),
    }),
    finish: async ({ key, id }, result) => {
      const set = { state: 'done', body: result, leaseUntil: leaseUntil(), ttl: keptUntil() } as const;
      return (await items.update(jobKey(key), { set }, isHeldBy(id))).isMet;
    },
    release: async ({ key, id }) => {
      // Never over a finished job: the answer to `finish` may have been lost.
      const change = { set: { state: 'released' } } as const;
      await items.update(jobKey(key), change, allOf(isHeldBy(id), isRunning)).catch(() => undefined);
    },
    replay,
    ...createTellings({ items, now, newId, lease }),
  };
}

type Tellings = Pick<JobRuns, 'beginTelling' | 'renewTelling' | 'releaseTelling'>;

/** Keeps who tells the result of a job. */
function createTellings({ items, now, newId, lease = LEASE }: Omit<JobRunsDeps, 'sleep'>): Tellings {
  const leaseUntil = () => now().getTime() + lease.lastsMs;
  return {
    beginTelling: async (key, { leaseUntil: until }) => {
      const remainingMs = (until ?? 0) - now().getTime();
      if (remainingMs > 0) throw inProgress('telling', remainingMs);
      const id = newId();
      const isUntold = allOf(isDone, anyOf(isHeldBy(id), until === undefined ? isUnleased : isStill(until)));
      const set = { by: id, leaseUntil: leaseUntil() };
      const { isMet } = await items.update(jobKey(key), { set }, isUntold);
      if (!isMet) throw inProgress('telling', lease.lastsMs);
      return { key, id };
    },
    renewTelling: ({ key, id }) => items.update(jobKey(key), { set: { leaseUntil: leaseUntil() } }, isHeldBy(id)),
    releaseTelling: async ({ key, id }) => {
      await items.update(jobKey(key), { set: { leaseUntil: 0 } }, isHeldBy(id)).catch(() => undefined);
    },
  };
}
