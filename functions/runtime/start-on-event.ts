import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createAwsCall } from '#shared/core/aws-call.ts';
import { ownCredentials } from './own-credentials.ts';
import { createPostpone } from '#shared/jobs/postpone.ts';

type QueueWorker = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/**
 * Makes a handler of a worker that is built on its first event. When that fails (a secret cannot be read, say) the error
 * counts as the function's own, and the records come back in seconds instead of when the queue's twelve minutes are over.
 */
export function startOnEvent(start: () => Promise<QueueWorker>, queueUrlName: string): QueueWorker {
  return async (event, context) => {
    const worker = await start().catch(async (error: unknown) => {
      const call = createAwsCall({
        region: process.env['AWS_REGION'] ?? '',
        credentials: ownCredentials,
      });
      const postpone = createPostpone({ call, queueUrl: process.env[queueUrlName] ?? '', random: Math.random });
      await Promise.all(event.Records.map((record) => postpone(record)));
      throw error;
    });
    return worker(event, context);
  };
}
