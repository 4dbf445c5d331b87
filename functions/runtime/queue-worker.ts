import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type * as z from 'zod';
import type { AwsCall } from '#shared/core/aws-call.ts';
import { isFault } from '#shared/core/fault.ts';
import { faultFields, type Log } from '#shared/telemetry/log.ts';
import type { Delivery } from '#shared/tokens/delivery.ts';
import { openJob } from '#shared/jobs/job-mac.ts';
import { createPostpone } from '#shared/jobs/postpone.ts';

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
}

/**
 * Handles a batch of queue records and reports those that the queue shall deliver again, each after a pause that doubles.
 * A job that is not readable, or that our own functions have not signed, is dropped with a log line: redelivering it
 * would not mend it.
 */
export function createQueueWorker<J>(deps: QueueWorkerDeps<J>) {
  const { schema, handle, call, queueUrl, jobKey, now, maxReceives, log, random } = deps;
  const postpone = createPostpone({ call, queueUrl, random });
  return async (event: SQSEvent, context?: Pick<Context, 'getRemainingTimeInMillis'>): Promise<SQSBatchResponse> => {
    const failed = await Promise.all(
      event.Records.map(async (record) => ((await one(record, context)) ? [] : [record.messageId])),
    );
    return { batchItemFailures: failed.flat().map((itemIdentifier) => ({ itemIdentifier })) };
  };

  /** True when the record is done with. */
  async function one(record: SQSRecord, context?: Pick<Context, 'getRemainingTimeInMillis'>): Promise<boolean> {
    const attempt = Number(record.attributes.ApproximateReceiveCount);
    const opened = openJob(jobKey, record.body, now());
    const job = 'job' in opened ? schema.safeParse(opened.job) : undefined;
    if (job?.success !== true) {
      log('error', { event: 'job_unreadable', attempt, detail: 'refused' in opened ? opened.refused : 'unreadable' });
      return true;
    }
    try {
      const timeLeft = context === undefined ? {} : { timeLeftMs: () => context.getRemainingTimeInMillis() };
      await handle(job.data, { attempt, isLast: attempt >= maxReceives, ...timeLeft });
      return true;
    } catch (error) {
      const isFinal = isFault(error) && !error.isRetryable;
      log(isFinal ? 'error' : 'warn', {
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
