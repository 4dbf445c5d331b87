import { Fault } from '#shared/core/fault.ts';
import { isOpenCase } from '#shared/store/is-open-case.ts';
import type {
  Approval,
  AuditEntry,
  AuditQuery,
  Case,
  Held,
  Journal,
  Records,
  Store,
  Tally,
  Write,
} from '#shared/store/store.ts';

/**
 * The store in memory, for use cases without a socket: every write is done at once, and nothing is ever in progress. What it
 * keeps it keeps as the other store does: test/contract/kept-suite.ts holds both.
 */
export interface MemoryStore extends Store {
  /** Everything on record, oldest first. */
  readonly entries: readonly AuditEntry[];
  /** How often a record was read by its id, approvals and cases together. */
  reads(): number;
}

/** The same store for a process that dies as soon as anything, or one of these lines, is to be written into the record. */
export function withoutRecord(store: Store, dies: (entry: AuditEntry) => boolean = () => true): Store {
  const { append, writing } = store.audit;
  const die = (): never => {
    throw new TypeError('the process dies');
  };
  const audit = {
    ...store.audit,
    append: async (entry: AuditEntry) => (dies(entry) ? die() : append(entry)),
    writing: (entry: AuditEntry) => (dies(entry) ? doing(die) : writing(entry)),
  };
  return { ...store, audit };
}

/** A write as this store makes it. */
interface Doing extends Write {
  readonly run: () => void;
  /** Throws where it cannot be made. */
  readonly check: () => void;
}
/** Makes a write of this store. */
export const doing = (run: () => void, check = () => {}): Write => ({ isWrite: true, run, check }) as Doing;
/** Makes writes of this store: all, or none. */
export const doAll = (writes: readonly Write[]): void => {
  for (const write of writes as readonly Doing[]) write.check();
  for (const write of writes as readonly Doing[]) write.run();
};

const copy = <T>(value: T): T => structuredClone(value);

/** What orders the list of records. */
const startedAt = (record: Approval | Case): string =>
  'openedAt' in record ? record.openedAt : record.order.requestedAt;

export function createMemoryStore(now: () => Date = () => new Date()): MemoryStore {
  const entries: AuditEntry[] = [];
  const results = new Map<string, unknown>();
  const keptValues = new Map<string, unknown>();
  const journals = new Map<string, Map<string, unknown>>();
  const attempts = new Map<string, number>();
  const values = new Map<string, { readonly value: unknown; readonly until: number }>();
  const noteOf = (key: string): { readonly value: unknown } | undefined => {
    const note = values.get(key);
    return note === undefined || note.until <= now().getTime() ? undefined : note;
  };
  const putNote = (key: string, value: unknown, ttlSeconds: number): void => {
    values.set(key, { value: copy(value), until: now().getTime() + ttlSeconds * 1000 });
  };
  let reads = 0;

  const records = <R extends Approval | Case>(isOpen: (record: R) => boolean): Records<R> => {
    const all = new Map<string, R>();
    const get = (id: string): R | undefined => {
      reads += 1;
      return copy(all.get(id));
    };
    return {
      open: async (record, along = []) => {
        const isNew = !all.has(record.id);
        if (isNew) doAll(along);
        if (isNew) all.set(record.id, copy({ ...record, version: 1 } as R));
        return { record: copy(all.get(record.id) as R), isNew };
      },
      get: async (id) => get(id),
      change: async (id, next, { seen: known, along } = {}) => {
        const seen = known?.version === all.get(id)?.version ? known : get(id);
        if (seen === undefined) return undefined;
        const wanted = next(seen);
        if (wanted === undefined) return { record: seen, changed: false };
        const record = { ...copy(wanted), id, version: seen.version + 1 } as R;
        doAll(along?.(record) ?? []);
        all.set(id, record);
        return { record: copy(record), changed: true };
      },
      changing: (seen, next, { done, unmet }) => {
        const record = { ...copy(next), id: seen.id, version: seen.version + 1 } as unknown as R;
        return doing(
          () => {
            all.set(seen.id, record);
            done(copy(record));
          },
          () => {
            if (all.get(seen.id)?.version !== seen.version) throw unmet();
          },
        );
      },
      list: async ({ open = false, since = '', limit }) =>
        [...all.values()]
          .filter((record) => (!open || isOpen(record)) && startedAt(record) >= since)
          .toReversed()
          .toSorted((left, right) => startedAt(right).localeCompare(startedAt(left)))
          .slice(0, limit)
          .map(copy),
    };
  };
  const holders = new Map<string, Promise<void>>();
  const everHeld = new Set<string>();
  const record = (entry: AuditEntry): void => {
    if (!entries.some(({ id }) => id === entry.id)) entries.push(copy(entry));
  };
  return {
    entries,
    reads: () => reads,
    remember: async <T>(
      key: string,
      work: (journal: Journal) => Promise<T>,
      tell: (value: T) => Promise<void> = async () => {},
    ) => {
      if (results.has(key)) {
        await tell(copy(results.get(key)) as T);
        return { value: copy(results.get(key)) as T, replayed: true };
      }
      const notes = journals.get(key) ?? new Map<string, unknown>();
      journals.set(key, notes);
      const attempt = (attempts.get(key) ?? 0) + 1;
      attempts.set(key, attempt);
      const note = (name: string, value: unknown) => doing(() => notes.set(name, copy(value)));
      let isEnded = false;
      const value = await work({
        attempt,
        get: <V>(name: string) => copy(notes.get(name)) as V | undefined,
        put: async (name, given, along = []) => doAll([note(name, given), ...along]),
        writing: note,
        ending: (result) =>
          doing(() => {
            isEnded = true;
            results.set(key, copy(result));
          }),
        ended: <V>() => (isEnded ? (copy(results.get(key)) as V) : undefined),
      });
      if (!isEnded) results.set(key, copy(value));
      await tell(copy(results.get(key)) as T);
      return { value: copy(results.get(key)) as T, replayed: false };
    },
    progressOf: async (key) => (results.has(key) ? 'done' : attempts.has(key) ? 'begun' : undefined),
    hold: async (key, work, waitMs) => {
      const before = holders.get(key);
      if (before !== undefined && (waitMs === 0 || waitMs === 'unless_held'))
        throw new Fault('delivery_in_progress', 'held by another run');
      const isFirst = !everHeld.has(key);
      everHeld.add(key);
      const left: Write[] = [];
      let isGivenBack = false;
      let own: { readonly value: unknown } | undefined;
      // After all that is left with it: where that cannot be written, nothing is kept.
      const back = doing(() => {
        if (own !== undefined) keptValues.set(key, copy(own.value));
        isGivenBack = true;
      });
      const held: Held = {
        waited: before !== undefined,
        isFirst,
        kept: <T>() => copy(own === undefined ? keptValues.get(key) : own.value) as T | undefined,
        keep: (value) => {
          own = { value };
        },
        keeping: (value) => doing(() => keptValues.set(key, copy(value))),
        leave: (write) => void left.push(write),
        givingBack: () => [...left, back],
      };
      const giveBack = (): void => {
        if (isGivenBack) return;
        doAll([...left, back]);
        if (left.length === 0 && !keptValues.has(key)) everHeld.delete(key);
      };
      const mine = (before ?? Promise.resolve()).then(() => work(held)).finally(giveBack);
      const over = mine.then(
        () => undefined,
        () => undefined,
      );
      holders.set(key, over);
      await over;
      if (holders.get(key) === over) holders.delete(key);
      return mine;
    },
    kept: async <T>(key: string) => copy(keptValues.get(key)) as T | undefined,
    audit: {
      append: async (entry) => record(entry),
      writing: (entry) => doing(() => record(entry)),
      query: async (query) =>
        entries
          .filter((entry) => fits(entry, query))
          .toSorted((left, right) => timeOf(right.at) - timeOf(left.at) || (left.id < right.id ? 1 : -1))
          .slice(0, query.limit)
          .map(copy),
    },
    approvals: records<Approval>(({ state }) => state === 'open'),
    cases: records<Case>(isOpenCase),
    notes: {
      put: async (key, value, ttlSeconds) => putNote(key, value, ttlSeconds),
      writing: (key, value, ttlSeconds) => doing(() => putNote(key, value, ttlSeconds)),
      get: async <T>(key: string) => copy(noteOf(key)?.value) as T | undefined,
      count: async (key, more, ttlSeconds) => {
        const known = (noteOf(key)?.value ?? { people: 0, alerts: 0 }) as Tally;
        const tally = { ...known, [more.of]: known[more.of] + more.by };
        putNote(key, tally, ttlSeconds);
        return tally;
      },
      claim: async (key, ttlSeconds, { by = '', along = [] } = {}) => {
        const note = noteOf(key);
        if (note !== undefined && (by === '' || note.value !== by)) return false;
        putNote(key, by, ttlSeconds);
        doAll(along);
        return true;
      },
      claimOneOf: async (keys, ttlSeconds, { by, along = [] }) => {
        const place = [by, undefined].map((holder) => keys.find((key) => noteOf(key)?.value === holder));
        const key = place.find((one) => one !== undefined);
        if (key === undefined) return false;
        putNote(key, by, ttlSeconds);
        doAll(along);
        return true;
      },
      claimingOneOf: (keys, ttlSeconds, { by, unmet }) => {
        const place = [by, undefined].map((holder) => keys.find((key) => noteOf(key)?.value === holder));
        const key = place.find((one) => one !== undefined);
        if (key === undefined) return undefined;
        const isFree = () => [by, undefined].includes(noteOf(key)?.value as string | undefined);
        return doing(
          () => putNote(key, by, ttlSeconds),
          () => {
            if (!isFree()) throw unmet();
          },
        );
      },
    },
  };
}

function fits(entry: AuditEntry, { token, actorUserId, caseId, since }: AuditQuery): boolean {
  return (
    (token === undefined ||
      (entry.token?.id === token.id && (!('profile' in token) || entry.token.profile === token.profile))) &&
    (actorUserId === undefined || ('userId' in entry.actor && entry.actor.userId === actorUserId)) &&
    (caseId === undefined || entry.caseId === caseId) &&
    (since === undefined || timeOf(entry.at) >= timeOf(since))
  );
}

const timeOf = (at: string): number => Date.parse(at);
