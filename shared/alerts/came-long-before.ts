import { sha256Hex } from '#shared/core/hmac-sha256.ts';
import type { Notes } from '#shared/store/store.ts';

const DAY_SECONDS = 24 * 3600;
/** A job is remembered for 30 days; redeliveries and retries come within this time. */
const REMEMBERED_MS = 29 * DAY_SECONDS * 1000;
const SEEN_SECONDS = 366 * DAY_SECONDS;

/**
 * Tells whether the very same message came so long before that it is not remembered as handled any more. Not every sender
 * signs a time: a message of theirs that somebody kept could be sent again for as long as the secret is the same.
 */
export async function cameLongBefore(
  notes: Notes,
  { deliveryKey, receivedAt }: { readonly deliveryKey: string; readonly receivedAt: string },
): Promise<boolean> {
  const key = `seen:${sha256Hex(deliveryKey).slice(0, 32)}`;
  const first = await notes.get<string>(key);
  if (first === undefined) await notes.put(key, receivedAt, SEEN_SECONDS);
  return first !== undefined && Date.parse(receivedAt) - Date.parse(first) > REMEMBERED_MS;
}
