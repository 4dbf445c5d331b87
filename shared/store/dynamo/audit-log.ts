import { allEnded } from '#shared/core/all-ended.ts';
import { defined } from '#shared/core/defined.ts';
import type { AuditEntry, AuditLog, AuditQuery, Write } from '../store.ts';
import type { Items, ItemWrite } from './items.ts';
import type { ItemKey } from './keys.ts';
import { isNew } from './lease.ts';
import { pack, unpack } from './packed.ts';
import { writeOf } from './put-along.ts';

/*
 * One entry is stored as
 *   audit#<id>             the record itself, in the index under audit#day#<day>
 *   audit#token#<id>       ┐
 *   audit#actor#<user id>  ├ a copy for each subject, sorted by time: every question is one range of one key
 *   audit#case#<case id>   ┘
 *   audit#days             the days that have entries, so that reading backwards never looks into an empty one
 * An entry and its copies by one transaction, all put under keys that follow from the entry on condition that they are new:
 * nothing is ever changed, and a replay adds nothing.
 * No right forbids a put over an item, so whoever takes a function could: what was stored is told apart from the table, too.
 */
const DAYS = 'audit#days';
const PAGE = 200;

interface AuditLogDeps {
  readonly items: Items;
  /** The request that is being worked on, which an entry names. */
  readonly requestId?: () => string | undefined;
  /**
   * Told of every entry as it is stored, `isNew` when it was not there before. A process may die before it is told: then
   * its job comes again, and the entry is told by that.
   */
  readonly recorded?: (entry: AuditEntry, isNew: boolean) => void;
}

/** Keeps the append-only record in the table; see the port for what that guarantees. */
export function createAuditLog({ items, requestId, recorded }: AuditLogDeps): AuditLog {
  const daysSeen = new Set<string>();

  const named = (entry: AuditEntry): AuditEntry => ({ ...defined({ requestId: requestId?.() }), ...entry });

  async function append(given: AuditEntry): Promise<void> {
    const entry = named(given);
    const appendEntry = async () => {
      if ((await items.all(itemsOf(entry))) === 'done') recorded?.(entry, true);
      else await tellStored(entry);
    };
    await allEnded([appendEntry(), appendDay(dayOf(entry.at))]);
  }

  function writing(given: AuditEntry): Write {
    const entry = named(given);
    const day = dayOf(entry.at);
    const done = () => {
      daysSeen.add(day);
      recorded?.(entry, true);
    };
    const once = daysSeen.has(day) ? [] : [{ put: { pk: DAYS, sk: day } }];
    return writeOf({ writes: itemsOf(entry), once, done, leftOut: () => tellStored(entry) });
  }

  async function tellStored(entry: AuditEntry): Promise<void> {
    recorded?.(unpack<AuditEntry>((await items.get(entryKey(entry.id)))?.body) ?? entry, false);
  }

  async function appendDay(day: string): Promise<void> {
    if (daysSeen.has(day)) return;
    await items.put({ pk: DAYS, sk: day }, isNew);
    daysSeen.add(day);
  }

  async function* newestFirst({ token, actorUserId, caseId, since }: AuditQuery) {
    const from = since === undefined ? undefined : instant(since);
    const range = { from, newestFirst: true, pageSize: PAGE };
    if (caseId !== undefined) return yield* items.query({ pk: `audit#case#${caseId}`, ...range });
    if (token !== undefined) return yield* items.query({ pk: `audit#token#${token.id}`, ...range });
    if (actorUserId !== undefined) return yield* items.query({ pk: `audit#actor#${actorUserId}`, ...range });
    for await (const { sk: day } of items.query({ pk: DAYS, from: from?.slice(0, 10), newestFirst: true })) {
      yield* items.query({ pk: `audit#day#${day}`, index: true, ...range });
    }
  }

  async function query(asked: AuditQuery): Promise<readonly AuditEntry[]> {
    const found: AuditEntry[] = [];
    if (asked.limit < 1) return found;
    for await (const { body } of newestFirst(asked)) {
      const entry = unpack<AuditEntry>(body);
      if (entry !== undefined && fits(entry, asked) && found.push(entry) >= asked.limit) break;
    }
    return found;
  }

  return { append, writing, query };
}

/** The record and its copies. Where it is there already nothing is added, whatever time a replay tells. */
function itemsOf(entry: AuditEntry): readonly ItemWrite[] {
  const body = pack(entry);
  const index = { gsi1pk: `audit#day#${dayOf(entry.at)}`, gsi1sk: sortKey(entry) };
  const copies = copyKeys(entry).map((copy) => ({ put: { ...copy, body }, condition: isNew }));
  return [{ put: { ...entryKey(entry.id), ...index, body }, condition: isNew }, ...copies];
}

/** Where the record itself is. */
export const entryKey = (id: string): ItemKey => ({ pk: `audit#${id}`, sk: 'audit' });

/** Where its copies are, one for each subject. */
export function copyKeys(entry: AuditEntry): readonly ItemKey[] {
  const { token, actor, caseId } = entry;
  const subjects = [
    ...(token ? [`audit#token#${token.id}`] : []),
    ...('userId' in actor ? [`audit#actor#${actor.userId}`] : []),
    ...(caseId === undefined ? [] : [`audit#case#${caseId}`]),
  ];
  return subjects.map((pk) => ({ pk, sk: sortKey(entry) }));
}

/** The range read is chosen by one subject; the others are looked at here. */
function fits({ token, actor, caseId }: AuditEntry, asked: AuditQuery): boolean {
  if (asked.caseId !== undefined && caseId !== asked.caseId) return false;
  if (asked.actorUserId !== undefined && !('userId' in actor && actor.userId === asked.actorUserId)) return false;
  if (asked.token === undefined) return true;
  return token?.id === asked.token.id && (!('profile' in asked.token) || token.profile === asked.token.profile);
}

/** Always with milliseconds and Z, so that text order is time order. */
function instant(iso: string): string {
  return new Date(iso).toISOString();
}

function sortKey({ at, id }: AuditEntry): string {
  return `${instant(at)}#${id}`;
}

function dayOf(at: string): string {
  return instant(at).slice(0, 10);
}
