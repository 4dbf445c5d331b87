import type { AuditEntry, Journal, Records, Store } from '#shared/store/store.ts';

/** A store of one process that keeps the port's words, for use-case tests; the real one has a contract of its own. */
export interface MemoryStore extends Store {
  /** Everything in the record, in order. */
  readonly entries: readonly AuditEntry[];
}

export function createMemoryStore(): MemoryStore {
  const entries: AuditEntry[] = [];
  const done = new Map<string, unknown>();
  const journals = new Map<string, Map<string, unknown>>();
  const notes = new Map<string, unknown>();
  const holds = new Map<string, Promise<unknown>>();
  return {
    entries,
    remember: async (key, work) => {
      if (done.has(key)) return { value: copy(done.get(key)) as never, replayed: true };
      const kept = journals.get(key) ?? new Map<string, unknown>();
      journals.set(key, kept);
      const value = await work(journalOn(kept));
      done.set(key, copy(value));
      return { value, replayed: false };
    },
    hold: (key, work) => {
      const turn = (holds.get(key) ?? Promise.resolve()).catch(() => undefined).then(work);
      holds.set(key, turn);
      return turn;
    },
    audit: {
      append: async (entry) => {
        if (!entries.some(({ id }) => id === entry.id)) entries.push(copy(entry));
      },
      query: async ({ caseId, limit }) =>
        entries
          .filter((entry) => caseId === undefined || entry.caseId === caseId)
          .toReversed()
          .slice(0, limit),
    },
    approvals: createRecords(),
    cases: createRecords(),
    notes: {
      put: async (key, value) => void notes.set(key, copy(value)),
      get: async (key) => copy(notes.get(key)) as never,
      claim: async (key, _seconds, by) => {
        if (notes.has(key)) return by !== undefined && notes.get(key) === by;
        notes.set(key, by ?? true);
        return true;
      },
    },
  };
}

function journalOn(kept: Map<string, unknown>): Journal {
  return {
    attempt: 1,
    get: (name) => copy(kept.get(name)) as never,
    put: async (name, value) => void kept.set(name, copy(value)),
  };
}

function createRecords<R extends { readonly id: string; readonly version: number }>(): Records<R> {
  const records = new Map<string, R>();
  return {
    open: async (opened) => {
      const known = records.get(opened.id);
      if (known !== undefined) return { record: copy(known), isNew: false };
      const record = { ...copy(opened), version: 1 } as unknown as R;
      records.set(opened.id, record);
      return { record: copy(record), isNew: true };
    },
    get: async (id) => copy(records.get(id)),
    change: async (id, next) => {
      const known = records.get(id);
      if (known === undefined) return undefined;
      const wanted = next(copy(known));
      if (wanted === undefined) return { record: copy(known), changed: false };
      const record = { ...copy(wanted), id, version: known.version + 1 } as unknown as R;
      records.set(id, record);
      return { record: copy(record), changed: true };
    },
    list: async ({ limit }) => [...records.values()].toReversed().slice(0, limit).map(copy),
  };
}

/** As the table keeps it: what comes out is never what went in. */
function copy<T>(value: T): T {
  return structuredClone(value);
}
