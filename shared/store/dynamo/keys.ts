import { sha256Hex } from '#shared/core/hmac-sha256.ts';

/** Where one item is. */
export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** The longest name taken as it is, in bytes; DynamoDB ends at 1,024 for a sort key. */
const LONGEST = 900;

/** Gives the key of a remembered job; its journal's entries have the same `pk`. */
export const jobKey = (key: string): ItemKey => ({ pk: `job#${short(key)}`, sk: 'job' });
/** How the sort keys of a journal's entries begin. */
export const JOURNAL = 'journal#';
/** Gives the key of one entry in a job's journal. */
export const journalKey = (key: string, name: string): ItemKey => ({ pk: jobKey(key).pk, sk: JOURNAL + short(name) });
/** Gives the key of a lock. */
export const lockKey = (key: string): ItemKey => ({ pk: `lock#${short(key)}`, sk: 'lock' });
/** Gives the key of a note. */
export const noteKey = (key: string): ItemKey => ({ pk: `note#${short(key)}`, sk: 'note' });
/** Gives the key of a record such as a case. */
export const recordKey = (kind: string, id: string): ItemKey => ({ pk: `${kind}#${short(id)}`, sk: kind });

function short(name: string): string {
  return Buffer.byteLength(name) <= LONGEST ? name : `sha256:${sha256Hex(name)}`;
}
