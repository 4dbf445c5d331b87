import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { setTimeout as sleep } from 'node:timers/promises';
import { allEnded } from '#shared/core/all-ended.ts';
import { ownCall } from './own-call.ts';
import { createPostpone } from '#shared/jobs/postpone.ts';

type QueueWorker = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/** Lambda gives the init ten seconds, and begins anew with a slower one when they are over. */
const INIT_PATIENCE_MS = 5000;

/**
 * Makes a handler of a worker that is built in the init already, where the processor is not throttled, and on its first event
 * when that failed or took too long. When it fails there as well that fails (a secret cannot be read, say) the error
 * counts as the function's own, and the records come back in seconds instead of when the queue's twelve minutes are over.
 */
export async function startOnEvent(start: () => Promise<QueueWorker>, queueUrlName: string): Promise<QueueWorker> {
  await Promise.race([start().catch(() => undefined), sleep(INIT_PATIENCE_MS, undefined, { ref: false })]);
  return async (event, context) => {
    const worker = await start().catch(async (error: unknown) => {
      const call = ownCall(process.env['AWS_REGION'] ?? '');
      const postpone = createPostpone({ call, queueUrl: process.env[queueUrlName] ?? '', random: Math.random });
      await allEnded(event.Records.map((record) => postpone(record)));
      throw error;
    });
    return worker(event, context);
  };
}
