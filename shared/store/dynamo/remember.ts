import type { Journal, ProgressOf, Remember, Write } from '../store.ts';
import { putAlong, writeOf } from './put-along.ts';
import { createJobRuns, type JobRuns, type JobRunsDeps, type JobRun, type Replay, type Telling } from './job-runs.ts';
import { JOURNAL, jobKey, journalKey } from './keys.ts';
import { type Every, inProgress, LEASE, toSeconds, whileRenewing } from './lease.ts';
import { SHORTER } from '../shorten.ts';
import { pack, type Packed, unpack } from './packed.ts';

interface RememberDeps extends JobRunsDeps {
  readonly every: Every;
}

/** Remembers jobs in the table; see the port for what that guarantees. */
export function createRemember(deps: RememberDeps): Remember {
  const { every, lease = LEASE } = deps;
  const runs = createJobRuns(deps);
  const renewingBy = (renew: () => Promise<unknown>) => ({ every, everyMs: lease.renewEveryMs, renew });
  const tellAlone = (telling: Telling, tell: () => Promise<void>): Promise<void> =>
    whileRenewing(
      renewingBy(() => runs.renewTelling(telling)),
      async () => {
        try {
          await tell();
        } catch (error) {
          await runs.releaseTelling(telling);
          throw error;
        }
      },
    );
  return async <T>(key: string, work: (journal: Journal) => Promise<T>, tell?: (value: T) => Promise<void>) => {
    const again = async ({ value, leaseUntil }: Replay<T>) => {
      if (tell === undefined) return { value, replayed: true };
      const telling = await runs.beginTelling(key, { leaseUntil });
      await tellAlone(telling, () => tell(value));
      // Other copies need not wait for each other.
      await runs.releaseTelling(telling);
      return { value, replayed: true };
    };
    const run = await runs.begin<T>(key);
    if ('replayed' in run) return again(run);
    const renewing = renewingBy(() => runs.renew(run));
    const end: End = {};
    const value = await whileRenewing(renewing, async () => {
      try {
        return await work(await openJournal(deps, runs, { ...run, end }));
      } catch (error) {
        await runs.release(run);
        throw error;
      }
    });
    const isEnded = 'result' in end;
    if (!isEnded && !(await runs.finish(run, pack(value, SHORTER)))) return again(await runs.replay<T>(key));
    const result = isEnded ? (unpack<T>(end.result) as T) : value;
    if (tell !== undefined) await tellAlone(run, () => tell(result));
    return { value: result, replayed: false };
  };
}

/** Looks how far a job has come, which begins nothing. */
export function createProgressOf({ items, now }: Pick<RememberDeps, 'items' | 'now'>): ProgressOf {
  return async (key) => {
    const { state, ttl = 0 } = (await items.get(jobKey(key))) ?? {};
    if (state === undefined || ttl <= toSeconds(now())) return undefined;
    return state === 'done' ? 'done' : 'begun';
  };
}

/** Whether a run has been ended by a write of its work, and with what. */
interface End {
  result?: Packed | undefined;
}

/** Opens a run's journal, with what earlier runs of the same job have noted. */
async function openJournal(
  { items, now, lease = LEASE }: RememberDeps,
  runs: JobRuns,
  { end, ...run }: JobRun & { readonly end: End },
): Promise<Journal> {
  const entries = new Map<string, Packed | undefined>();
  if (run.attempt > 1) {
    for await (const { sk, name, body, ttl = 0 } of items.query({ pk: jobKey(run.key).pk, from: JOURNAL })) {
      if (sk.startsWith(JOURNAL) && name !== undefined && ttl > toSeconds(now())) entries.set(name, body);
    }
  }
  const isLost = () => inProgress('job', lease.lastsMs);
  const writing = (name: string, value: unknown): Write => {
    const body = pack(value, SHORTER);
    return writeOf({
      writes: [{ put: { ...journalKey(run.key, name), name, body, ttl: runs.keptUntil() } }],
      once: [runs.renewal(run)],
      done: () => void entries.set(name, body),
      unmet: isLost,
    });
  };
  return {
    attempt: run.attempt,
    get: <T>(name: string) => unpack<T>(entries.get(name)),
    async put(name, value, along = []) {
      const body = pack(value, SHORTER);
      const note = { put: { ...journalKey(run.key, name), name, body, ttl: runs.keptUntil() } };
      // Who lost the lease must not act either: a note is written before an effect, and only with a lease that is renewed.
      const others = writeOf({ writes: [note], done: () => void entries.set(name, body) });
      const { isMet } = await putAlong(items, runs.renewal(run), [others, ...along]);
      if (!isMet) throw isLost();
    },
    writing,
    ending: (value) => {
      const result = pack(value, SHORTER);
      const done = () => {
        end.result = result;
      };
      return writeOf({ writes: [runs.ending(run, result)], done, unmet: isLost });
    },
    ended: <T>() => unpack<T>(end.result),
  };
}
