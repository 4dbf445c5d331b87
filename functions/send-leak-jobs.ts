import type { AwsCall } from '#shared/core/aws-call.ts';
import { Fault } from '#shared/core/fault.ts';
import type { LeakJob } from './job.ts';
import { toQueueText } from './queue-text.ts';

/** Queues sealed reports one by one. Throws `store_unavailable` when the queue does not take one. */
export async function sendLeakJobs(call: AwsCall, queueUrl: string, jobs: readonly LeakJob[]): Promise<void> {
  for (const job of jobs) {
    const reply = await call({
      service: 'sqs',
      endpoint: queueUrl,
      target: 'AmazonSQS.SendMessage',
      json: { QueueUrl: queueUrl, MessageBody: toQueueText(job) },
    }).catch((cause: unknown) => {
      throw new Fault('store_unavailable', 'the leaks queue does not answer', { cause });
    });
    if (!reply.ok) throw new Fault('store_unavailable', 'the leaks queue did not take a report');
  }
}
