import { sha256Hex } from '#shared/core/hmac-sha256.ts';
import type { ReportJob } from '#shared/jobs/job.ts';
import type { Notes } from '#shared/store/store.ts';

/** What a sender sends again within this time is the same news: it was not sure that the first one had arrived. */
const SAME_NEWS_MS = 10 * 60_000;
const SEEN_SECONDS = 366 * 24 * 3600;

/** Which sending of a message it is, and the note of the first one that the caller has to put where there is none. */
export interface Sending {
  /** 0 for the first, with all that is sent within ten minutes or brought again by the queue; the same for one time span. */
  readonly number: number;
  /** ISO 8601: when the first one came; absent for what is no message. */
  readonly first?: string;
  readonly note?: readonly [key: string, at: string, ttlSeconds: number];
}

/**
 * Tells which sending of the very same message this is. The first sight is known for a year: not every sender signs a time,
 * and what somebody kept could be sent again for as long as the secret is the same. A search that we make ourselves is no
 * message.
 */
export async function sendingOf(
  notes: Notes,
  { deliveryKey, receivedAt, report }: Pick<ReportJob, 'deliveryKey' | 'receivedAt' | 'report'>,
): Promise<Sending> {
  if (deliveryKey !== report.key) return { number: 0 };
  const key = `seen:${sha256Hex(deliveryKey).slice(0, 32)}`;
  const first = await notes.get<string>(key);
  if (first === undefined) return { number: 0, first: receivedAt, note: [key, receivedAt, SEEN_SECONDS] };
  return { number: numberOf(receivedAt, first), first };
}

/** Which sending a message is that came now, where its first one is known. */
export function numberOf(receivedAt: string, first: string): number {
  return Math.max(0, Math.floor((Date.parse(receivedAt) - Date.parse(first)) / SAME_NEWS_MS));
}
