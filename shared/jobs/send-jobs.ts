import type { KeyObject } from 'node:crypto';
import { allEnded } from '#shared/core/all-ended.ts';
import * as s from '#shared/core/schema.ts';
import type { AwsCall } from '#shared/core/aws-call.ts';
import { defined } from '#shared/core/defined.ts';
import { Fault } from '#shared/core/fault.ts';
import { tryParseJson } from '#shared/core/try-parse-json.ts';
import { LONGEST_DELAY_SECONDS } from './is-due.ts';
import type { CommandJob, LeakJob } from './job.ts';
import { messageGroup } from './message-group.ts';
import { signJob } from './sign-job.ts';
import { toQueueText } from './to-queue-text.ts';

/** SQS takes at most ten messages and 1 MiB in one batch. */
const BATCH = 10;
/** As many as there are connections: a batch that waits for one would use up its time-out by waiting. */
const LANES = 4;

const replySchema = s.object({
  Successful: s.withDefault(s.array(s.unknown), []),
  Failed: s.withDefault(s.array(s.unknown), []),
});

interface Way {
  readonly call: AwsCall;
  /** Signs the jobs, so that their worker believes them. */
  readonly jobKey: KeyObject;
  /** The request that is being worked on, which the jobs go on with; absent where there is none. */
  readonly requestId?: () => string | undefined;
}

/** Queues jobs, signed. Resolves only when SQS has stored every one; throws `store_unavailable` otherwise. */
export function sendJobs(way: Way, queueUrl: string, jobs: readonly (CommandJob | LeakJob)[]): Promise<void> {
  return sendJobsLater(way, { queueUrl, delaySeconds: 0 }, jobs);
}

/** Queues jobs that are to be handled after a delay, of a quarter of an hour at most. Throws as `sendJobs` does. */
export async function sendJobsLater(
  { call, jobKey, requestId }: Way,
  to: { readonly queueUrl: string; readonly delaySeconds: number },
  jobs: readonly (CommandJob | LeakJob)[],
): Promise<void> {
  const traced = defined({ requestId: requestId?.() });
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < jobs.length) {
      const batch = jobs
        .slice(next, next + BATCH)
        .map((job) => ({ group: messageGroup(job), signed: signJob(jobKey, { ...job, ...traced }) }));
      next += BATCH;
      await sendBatch(call, to, batch);
    }
  };
  await allEnded(Array.from({ length: LANES }, lane));
}

async function sendBatch(
  call: AwsCall,
  { queueUrl, delaySeconds }: Parameters<typeof sendJobsLater>[1],
  jobs: readonly { readonly group: string; readonly signed: string }[],
): Promise<void> {
  const delay = Math.min(LONGEST_DELAY_SECONDS, Math.ceil(delaySeconds));
  const failed = () => new Fault('store_unavailable', 'the queue did not take the job');
  const reply = await call({
    service: 'sqs',
    endpoint: queueUrl,
    target: 'AmazonSQS.SendMessageBatch',
    json: {
      QueueUrl: queueUrl,
      Entries: jobs.map(({ group, signed }, index) => ({
        Id: String(index),
        MessageBody: toQueueText(signed),
        MessageGroupId: group,
        ...(delay > 0 ? { DelaySeconds: delay } : {}),
      })),
    },
  }).catch((cause: unknown) => {
    throw new Fault('store_unavailable', 'the queue does not answer', { cause });
  });
  if (!reply.ok) throw failed();
  const sent = replySchema.safeParse(tryParseJson(reply.body.expose()));
  if (!sent.success || sent.data.Failed.length > 0 || sent.data.Successful.length !== jobs.length) throw failed();
}
