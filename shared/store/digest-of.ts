import { sha256Hex } from '#shared/core/hmac-sha256.ts';
import type { AuditEntry } from './store.ts';

/** What is told of an entry of the record outside of the table: which one, and what it must still say. */
export interface Recorded {
  readonly entry: string;
  readonly digest: string;
}

/** Returns what changes when anything in an entry does, and stays the same when it is read back. */
export function digestOf(entry: AuditEntry): string {
  return sha256Hex(JSON.stringify(entry));
}
