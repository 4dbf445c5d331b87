import { digestOf, type Recorded } from '#shared/store/digest-of.ts';
import { copyKeys, entryKey } from '#shared/store/dynamo/audit-log.ts';
import type { ItemKey } from '#shared/store/dynamo/keys.ts';
import type { AuditEntry } from '#shared/store/store.ts';

/**
 * How the table and the log disagree about an entry: it is `gone`; it is `changed`; one of its copies is (`copy`), which
 * `/pat audit` reads for a token, a person or a case; or no function has told of it (`untold`).
 */
export interface Discrepancy {
  readonly entry: string;
  readonly kind: 'gone' | 'changed' | 'copy' | 'untold';
}

interface Sides {
  /** All that the functions have told, in any order; the same may be told more than once. */
  readonly told: readonly Recorded[];
  /** What the table lists for the same time. */
  readonly stored: readonly AuditEntry[];
  /** One item of the table, by its key. */
  readonly read: (key: ItemKey) => Promise<AuditEntry | undefined>;
}

/** Compares the record with what was told of each entry when it was stored. Empty when every word of it still stands. */
export async function compareRecord({ told, stored, read }: Sides): Promise<readonly Discrepancy[]> {
  const digests = new Map<string, Set<string>>();
  for (const { entry, digest } of told) digests.set(entry, (digests.get(entry) ?? new Set()).add(digest));
  const found: Discrepancy[] = stored
    .filter(({ id }) => !digests.has(id))
    .map(({ id }) => ({ entry: id, kind: 'untold' as const }));
  for (const [entry, [first, ...others]] of digests) {
    const now = await read(entryKey(entry));
    const kind = now === undefined ? 'gone' : others.length > 0 || digestOf(now) !== first ? 'changed' : undefined;
    if (kind !== undefined) found.push({ entry, kind });
    if (kind !== undefined || now === undefined) continue;
    const copies = await Promise.all(copyKeys(now).map(read));
    if (copies.some((copy) => copy === undefined || digestOf(copy) !== first)) found.push({ entry, kind: 'copy' });
  }
  return found;
}
