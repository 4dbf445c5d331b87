import * as z from 'zod';
import type { AwsCall } from '#shared/core/aws-call.ts';
import { Fault } from '#shared/core/fault.ts';
import { askQueue } from './ask-queue.ts';

/** Rounds of at most ten, which is all that SQS gives at once: more are read the next time. */
const ROUNDS = 5;
/** Long enough for one round not to see what the one before it saw, short enough to keep none from being brought back. */
const HIDDEN_SECONDS = 1;

const messagesSchema = z.object({
  Messages: z.array(z.object({ MessageId: z.string(), Body: z.string() })).optional(),
});

/**
 * Gives the texts of the dead letters of a queue, some fifty at most, and leaves them where they are. Throws
 * `store_unavailable` where the queue does not show them.
 */
export async function readDeadLetters(call: AwsCall, queueUrl: string): Promise<readonly string[]> {
  const found = new Map<string, string>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const messages = await receive(call, queueUrl);
    const isNew = messages.some(({ MessageId }) => !found.has(MessageId));
    for (const { MessageId, Body } of messages) found.set(MessageId, Body);
    if (!isNew) break;
  }
  return [...found.values()];
}

async function receive(call: AwsCall, queueUrl: string) {
  const read = await askQueue(call, queueUrl, {
    target: 'AmazonSQS.ReceiveMessage',
    // A wait makes SQS ask all of its servers: one that asks a few may miss the only letter.
    json: { MaxNumberOfMessages: 10, VisibilityTimeout: HIDDEN_SECONDS, WaitTimeSeconds: 1 },
    schema: messagesSchema,
  });
  if (read === undefined) throw new Fault('store_unavailable', 'a dead-letter queue does not show its jobs');
  return read.Messages ?? [];
}
