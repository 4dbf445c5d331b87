import { sha256Hex } from '#shared/core/hmac-sha256.ts';
import type { Notes } from '#shared/store/store.ts';

const DAY_SECONDS = 24 * 3600;
/** A job is remembered for 30 days; redeliveries and retries come within this time. */
const REMEMBERED_MS = 29 * DAY_SECONDS * 1000;
const SEEN_SECONDS = 366 * DAY_SECONDS;

/** Whether a message came long before, and the note of its first coming that the caller has to put where there is none. */
export interface Seen {
  readonly cameBefore: boolean;
  readonly note?: Parameters<Notes['put']>;
}

/**
 * Tells whether the very same message came so long before that it is not remembered as handled any more. Not every sender
 * signs a time: a message of theirs that somebody kept could be sent again for as long as the secret is the same.
 */
export async function cameLongBefore(
  notes: Notes,
  { deliveryKey, receivedAt }: { readonly deliveryKey: string; readonly receivedAt: string },
): Promise<Seen> {
  const key = `seen:${sha256Hex(deliveryKey).slice(0, 32)}`;
  const first = await notes.get<string>(key);
  if (first === undefined) return { cameBefore: false, note: [key, receivedAt, SEEN_SECONDS] };
  return { cameBefore: Date.parse(receivedAt) - Date.parse(first) > REMEMBERED_MS };
}
