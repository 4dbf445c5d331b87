import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type * as z from 'zod';
import type { AwsCall } from '#shared/core/aws-call.ts';
import { isFault } from '#shared/core/fault.ts';
import { faultFields, levelOf, type Log } from '#shared/telemetry/log.ts';
import type { Delivery } from '#shared/tokens/delivery.ts';
import { openJob } from '#shared/jobs/sign-job.ts';
import { createPostpone } from '#shared/jobs/postpone.ts';
import { follow } from './follow.ts';
import type { Watchdog } from './watchdog.ts';

interface QueueWorkerDeps<J> {
  readonly schema: z.ZodType<J>;
  /** Does one job. A retryable fault, or an error that is no fault at all, makes the queue deliver it again. */
  readonly handle: (job: J, delivery: Delivery) => Promise<void>;
  readonly call: AwsCall;
  readonly queueUrl: string;
  /** Tells the jobs that our own functions have signed. */
  readonly jobKey: Buffer;
  readonly now: () => Date;
  readonly maxReceives: number;
  readonly log: Log;
  readonly random: () => number;
  /** Ends work that holds the event loop; absent where nothing could. */
  readonly watchdog?: Watchdog;
}

/** How often a job may hold the loop while it runs alone: then its refusal is told, and after that nothing is tried at all. */
const MOST_HELD = 1;

interface Delivered {
  readonly record: SQSRecord;
  readonly context: Pick<Context, 'getRemainingTimeInMillis'> | undefined;
  /** See `Watchdog.heldBefore`. */
  readonly heldBefore: number | undefined;
}

interface Traced {
  readonly requestId?: string;
}

interface Attempted extends Delivered {
  readonly attempt: number;
}

/**
 * Handles a batch of queue records and reports those that the queue shall deliver again, each after a pause that doubles.
 * A job that is not readable, or that our own functions have not signed, is dropped with a log line: redelivering it
 * would not mend it.
 */
export function createQueueWorker<J extends Traced>(deps: QueueWorkerDeps<J>) {
  const { schema, handle, call, queueUrl, jobKey, now, maxReceives, log, random, watchdog } = deps;
  const postpone = createPostpone({ call, queueUrl, random });
  return async (event: SQSEvent, context?: Pick<Context, 'getRemainingTimeInMillis'>): Promise<SQSBatchResponse> => {
    const batch = await Promise.all(
      event.Records.map(async (record) => ({ record, heldBefore: await heldBefore(record), context })),
    );
    const failed: string[] = [];
    const work = async (delivered: Delivered) => {
      if (!(await guarded(delivered))) failed.push(delivered.record.messageId);
    };
    await Promise.all(batch.filter((each) => each.heldBefore === undefined).map(work));
    // One of a batch has held the loop, and which is not known: each of them runs alone.
    for (const suspect of batch.filter((each) => each.heldBefore !== undefined)) await work(suspect);
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  };

  /** A first delivery costs no read; where the table cannot be read the job itself will say so. */
  async function heldBefore(record: SQSRecord): Promise<number | undefined> {
    if (watchdog === undefined || record.attributes.ApproximateReceiveCount === '1') return undefined;
    return watchdog.heldBefore(record).catch(() => undefined);
  }

  async function guarded(delivered: Delivered): Promise<boolean> {
    const { record, heldBefore: times = 0 } = delivered;
    if (times > MOST_HELD) {
      const attempt = Number(record.attributes.ApproximateReceiveCount);
      log('error', { event: 'job_dropped', attempt, fault: 'work_too_long', count: times });
      return true;
    }
    if (watchdog === undefined) return one(delivered);
    return watchdog.guard(record, delivered.heldBefore, () => one(delivered));
  }

  /** True when the record is done with. */
  async function one({ record, context, heldBefore: times = 0 }: Delivered): Promise<boolean> {
    const attempt = Number(record.attributes.ApproximateReceiveCount);
    const opened = openJob(jobKey, record.body, now());
    const job = 'job' in opened ? schema.safeParse(opened.job) : undefined;
    if (job?.success !== true) {
      log('error', { event: 'job_unreadable', attempt, detail: 'refused' in opened ? opened.refused : 'unreadable' });
      return true;
    }
    return follow(job.data.requestId, () => handled({ record, context, attempt, heldBefore: times }, job.data));
  }

  async function handled({ record, context, attempt, heldBefore: times = 0 }: Attempted, job: J): Promise<boolean> {
    try {
      const timeLeft = context === undefined ? {} : { timeLeftMs: () => context.getRemainingTimeInMillis() };
      const heldLoop = times > 0 ? { heldLoop: true as const } : {};
      await handle(job, { attempt, isLast: attempt >= maxReceives, ...timeLeft, ...heldLoop });
      return true;
    } catch (error) {
      const isFinal = isFault(error) && !error.isRetryable;
      log(levelOf(error, attempt >= maxReceives), {
        event: isFinal ? 'job_dropped' : 'job_retried',
        attempt,
        ...faultFields(error),
      });
      if (isFinal) return true;
      const isPostponed = await postpone(record, isFault(error) ? error.retryAfterSeconds : undefined);
      if (!isPostponed) log('warn', { event: 'postpone_failed' });
      return false;
    }
  }
}
