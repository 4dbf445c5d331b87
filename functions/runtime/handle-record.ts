import type { KeyObject } from 'node:crypto';
import type { Context, SQSRecord } from 'aws-lambda';
import type * as z from 'zod';
import type { AwsCall } from '#shared/core/aws-call.ts';
import { isFault } from '#shared/core/fault.ts';
import { createPostpone } from '#shared/jobs/postpone.ts';
import { openJob } from '#shared/jobs/sign-job.ts';
import { faultFields, levelOf, type Log } from '#shared/telemetry/log.ts';
import type { Delivery } from '#shared/tokens/delivery.ts';
import { follow } from './follow.ts';

/** What one record of a queue is handled with. */
export interface HandleRecordDeps<J> {
  readonly schema: z.ZodType<J>;
  /**
   * Does one job; `unknown` for one that only another release of ours knows. A retryable fault, or an error that is no fault
   * at all, makes the queue deliver it again.
   */
  readonly handle: (job: J, delivery: Delivery) => Promise<unknown>;
  readonly call: AwsCall;
  readonly queueUrl: string;
  /** Tells the jobs that our own functions have signed. */
  readonly jobKey: KeyObject;
  readonly now: () => Date;
  readonly maxReceives: number;
  readonly log: Log;
  readonly random: () => number;
}

/** A record of a queue, as it was delivered. */
export interface Delivered {
  readonly record: SQSRecord;
  readonly context: Pick<Context, 'getRemainingTimeInMillis'> | undefined;
  /** See `Watchdog.heldBefore`. */
  readonly heldBefore: number | undefined;
}

/** A job that may name the request it is a part of. */
export interface Traced {
  readonly requestId?: string;
}

/** Handles one record; true when it is done with, false when the queue shall deliver it again, after a pause. */
export function createHandleRecord<J extends Traced>(deps: HandleRecordDeps<J>) {
  const { schema, jobKey, now, log } = deps;
  const giveBack = createGiveBack(deps);
  const tryJob = createTry(deps, giveBack);
  return async (delivered: Delivered): Promise<boolean> => {
    const { record } = delivered;
    const opened = openJob(jobKey, record.body, now());
    if ('refused' in opened) {
      log('error', { event: 'job_unreadable', attempt: attemptOf(record), detail: opened.refused });
      return true;
    }
    const job = schema.safeParse(opened.job);
    return job.success ? follow(job.data.requestId, () => tryJob(delivered, job.data)) : giveBack.unknown(record);
  };
}

/** What becomes of a record that is not done with; each gives what `createHandleRecord` gives. */
interface GiveBack {
  readonly after: (record: SQSRecord, error?: unknown) => Promise<false>;
  /** Our own functions have signed it, and this release does not know it: while another is deployed, that one takes it. */
  readonly unknown: (record: SQSRecord) => Promise<false>;
}

function createGiveBack<J>({ call, queueUrl, maxReceives, log, random }: HandleRecordDeps<J>): GiveBack {
  const postpone = createPostpone({ call, queueUrl, random });
  const after: GiveBack['after'] = async (record, error) => {
    const isPostponed = await postpone(record, isFault(error) ? error.retryAfterSeconds : undefined);
    if (!isPostponed) log('warn', { event: 'postpone_failed' });
    return false;
  };
  return {
    after,
    unknown: (record) => {
      const attempt = attemptOf(record);
      log(attempt >= maxReceives ? 'error' : 'warn', { event: 'job_unknown', attempt });
      return after(record);
    },
  };
}

/** How often a record has been delivered, this time counted. */
export function attemptOf({ attributes }: SQSRecord): number {
  return Number(attributes.ApproximateReceiveCount);
}

/** One try: what becomes of the record where it fails follows from the fault alone. */
function createTry<J>({ handle, maxReceives, log }: HandleRecordDeps<J>, giveBack: GiveBack) {
  return async ({ record, context, heldBefore = 0 }: Delivered, job: J): Promise<boolean> => {
    const attempt = attemptOf(record);
    try {
      const timeLeft = context === undefined ? {} : { timeLeftMs: () => context.getRemainingTimeInMillis() };
      const heldLoop = heldBefore > 0 ? { heldLoop: true as const } : {};
      const done = await handle(job, { attempt, isLast: attempt >= maxReceives, ...timeLeft, ...heldLoop });
      return done === 'unknown' ? await giveBack.unknown(record) : true;
    } catch (error) {
      const isFinal = isFault(error) && !error.isRetryable;
      const event = isFinal ? 'job_dropped' : 'job_retried';
      log(levelOf(error, attempt >= maxReceives), { event, attempt, ...faultFields(error) });
      return isFinal || giveBack.after(record, error);
    }
  };
}
