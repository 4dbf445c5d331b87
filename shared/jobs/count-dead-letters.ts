import * as z from 'zod';
import { allEnded } from '#shared/core/all-ended.ts';
import type { AwsCall } from '#shared/core/aws-call.ts';
import { Fault } from '#shared/core/fault.ts';
import { askQueue } from './ask-queue.ts';

/** How many jobs of a queue were given up and wait in its dead-letter queue. */
export interface DeadLetters {
  /** Reports of leaks: their tokens may still be alive. */
  readonly leaks: number;
  /** Requests of people. */
  readonly commands: number;
}

/** Those that somebody is just looking at are hidden for a moment, and there all the same. */
const COUNTED = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;

const attributesSchema = z.object({
  Attributes: z.object({
    ApproximateNumberOfMessages: z.coerce.number().int(),
    ApproximateNumberOfMessagesNotVisible: z.coerce.number().int().default(0),
  }),
});

/** Counts the dead letters, as SQS tells them about now. Throws `store_unavailable` where a queue does not tell. */
export async function countDeadLetters(
  call: AwsCall,
  queues: { readonly leaks: string; readonly commands: string },
): Promise<DeadLetters> {
  const [leaks, commands] = await allEnded([countIn(call, queues.leaks), countIn(call, queues.commands)]);
  return { leaks, commands };
}

async function countIn(call: AwsCall, queueUrl: string): Promise<number> {
  const json = { AttributeNames: [...COUNTED] };
  const read = await askQueue(call, queueUrl, {
    target: 'AmazonSQS.GetQueueAttributes',
    json,
    schema: attributesSchema,
  });
  if (read === undefined) throw new Fault('store_unavailable', 'a dead-letter queue does not tell its length');
  return COUNTED.reduce((sum, name) => sum + read.Attributes[name], 0);
}
