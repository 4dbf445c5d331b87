import { LONGEST_DELAY_SECONDS } from './is-due.ts';
import type { LeakJob, SendLeaksLater } from './job.ts';

interface Sender {
  readonly send: SendLeaksLater;
  readonly now: () => Date;
}

type WithoutReceipt<Job> = Job extends { readonly at?: string }
  ? Omit<Job, 'receivedAt'> & { readonly at: string }
  : never;

/**
 * Queues a job for its time, `at`, or for as long as a queue keeps it back: then it comes early, and `hasCome` has it put back.
 * Throws the queue's faults.
 */
export function sendPlanned(job: WithoutReceipt<LeakJob>, { send, now }: Sender): Promise<void> {
  const sentAt = now();
  const leftSeconds = Math.max(0, (Date.parse(job.at) - sentAt.getTime()) / 1000);
  return send([{ ...job, receivedAt: sentAt.toISOString() }], Math.min(LONGEST_DELAY_SECONDS, leftSeconds));
}
