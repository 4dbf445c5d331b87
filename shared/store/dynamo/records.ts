import { allEnded } from '#shared/core/all-ended.ts';
import type { Records, Write } from '../store.ts';
import { putAlong, writeOf } from './put-along.ts';
import type { Condition } from './condition.ts';
import type { Item, Items } from './items.ts';
import { recordKey } from './keys.ts';
import { inProgress, isNew, toSeconds } from './lease.ts';
import { pack, unpack } from './packed.ts';

interface Identified {
  readonly id: string;
  readonly version: number;
}

interface RecordsDeps<R extends Identified> {
  readonly items: Items;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly newId: () => string;
  /** The first part of the records' keys: `case`, `approval`. */
  readonly kind: string;
  /** Whether a record still wants something from somebody; it moves between two halves of the index. */
  readonly isOpen: (record: Omit<R, 'version'>) => boolean;
  /** What orders the list, ISO 8601; never changes. */
  readonly startedAt: (record: Omit<R, 'version'>) => string;
  /** What is kept of a record that does not fit into an item, each shorter than the one before. */
  readonly shorter?: readonly ((record: R) => R)[];
  /** For how many days a record that wants nothing more is kept; for ever where this is absent. */
  readonly keptDays?: number;
  readonly now: () => Date;
}

/** In every round of a race somebody wins, so this many rivals for one record come through. */
const MOST_TRIES = 100;
const LONGEST_PAUSE_MS = 100;

/** Keeps records of one kind in the table under optimistic locking; see the port for what that guarantees. */
export function createRecords<R extends Identified>(deps: RecordsDeps<R>): Records<R> {
  const { items, sleep, newId, kind, isOpen, startedAt, shorter, keptDays, now } = deps;

  function itemOf(record: R): Item {
    const index = { gsi1pk: halfOf(kind, isOpen(record)), gsi1sk: `${startedAt(record)}#${record.id}` };
    const isKept = keptDays === undefined || isOpen(record);
    const ttl = isKept ? {} : { ttl: toSeconds(now()) + keptDays * 86_400 };
    const body = pack(record, shorter);
    return { ...recordKey(kind, record.id), ...index, by: newId(), version: record.version, body, ...ttl };
  }

  /** Writes one version. When it is not written the stored record is given, and whether it is this very one after all. */
  async function write(
    record: R,
    condition: Condition,
    along: readonly Write[] = [],
  ): Promise<{ record: R; written: boolean } | undefined> {
    const item = itemOf(record);
    // What is stored, which may be shorter than what was given.
    const answer = await putAlong(items, { put: item, condition }, along);
    if (answer.isMet) return { record: toRecord<R>(item), written: true };
    const stored = answer.item ?? (await items.get(item));
    // The answer to our first write may have been lost, and the client has written again.
    return stored && { record: toRecord<R>(stored), written: stored.by === item.by };
  }

  async function get(id: string): Promise<R | undefined> {
    const item = await items.get(recordKey(kind, id));
    return item && toRecord<R>(item);
  }

  return {
    async open(opened, along) {
      const record = { ...opened, version: 1 } as unknown as R;
      const answer = await write(record, isNew, along);
      return answer ? { record: answer.record, isNew: answer.written } : { record, isNew: true };
    },
    get,
    async change(id, next, { seen: known, along } = {}) {
      let seen = known ?? (await get(id));
      for (let attempt = 1; seen !== undefined; attempt += 1) {
        const wanted = next(seen);
        if (wanted === undefined) return { record: seen, changed: false };
        const record = { ...wanted, id, version: seen.version + 1 } as unknown as R;
        const answer = await write(record, isVersion(seen.version), along?.(record));
        if (answer?.written) return { record: answer.record, changed: true };
        if (attempt === MOST_TRIES) throw inProgress(kind, LONGEST_PAUSE_MS);
        if (attempt > 1) await sleep(Math.min(5 * attempt, LONGEST_PAUSE_MS));
        seen = attempt === 1 ? answer?.record : await get(id);
      }
      return undefined;
    },
    changing: (seen, next, { done, unmet }) => {
      const item = itemOf({ ...next, id: seen.id, version: seen.version + 1 } as unknown as R);
      const writes = [{ put: item, condition: isVersion(seen.version) }];
      return writeOf({ writes, done: () => done(toRecord<R>(item)), unmet });
    },
    list: (query) => list<R>({ items, kind }, query),
  };
}

/** Lists the newest records of one kind, from one half of the index or from both. */
async function list<R extends Identified>(
  { items, kind }: Pick<RecordsDeps<R>, 'items' | 'kind'>,
  { open = false, since, limit }: Parameters<Records<R>['list']>[0],
): Promise<R[]> {
  const readHalf = async (which: boolean) => {
    const found: Item[] = [];
    const pageSize = Math.min(limit, 200);
    const range = { pk: halfOf(kind, which), index: true, from: since, newestFirst: true, pageSize };
    if (limit > 0) for await (const item of items.query(range)) if (found.push(item) >= limit) break;
    return found;
  };
  const halves = await allEnded((open ? [true] : [true, false]).map(readHalf));
  const newestFirst = halves.flat().sort((left, right) => compare(right.gsi1sk, left.gsi1sk));
  return newestFirst.slice(0, limit).map(toRecord<R>);
}

/** The index has two halves of each kind: what still wants something from somebody, and the rest. */
function halfOf(kind: string, open: boolean): string {
  return `${kind}#${open ? 'open' : 'closed'}`;
}

function isVersion(version: number): Condition {
  return { expression: '#version = :version', values: { version } };
}

function toRecord<R>(item: Item): R {
  return unpack<R>(item.body) as R;
}

function compare(left = '', right = ''): number {
  return left < right ? -1 : Number(left > right);
}
