import type * as z from 'zod';
import type { AwsCall } from '#shared/core/aws-call.ts';
import { tryParseJson } from '#shared/core/try-parse-json.ts';

interface QueueQuestion<T> {
  readonly target: 'AmazonSQS.GetQueueAttributes' | 'AmazonSQS.ReceiveMessage';
  readonly json: Readonly<Record<string, unknown>>;
  readonly schema: z.ZodType<T>;
}

/** Asks SQS something about a queue; `undefined` where it does not answer, or not as it is documented to. Never throws. */
export async function askQueue<T>(
  call: AwsCall,
  queueUrl: string,
  { target, json, schema }: QueueQuestion<T>,
): Promise<T | undefined> {
  const reply = await call({
    service: 'sqs',
    endpoint: queueUrl,
    target,
    json: { QueueUrl: queueUrl, ...json },
  }).catch(() => undefined);
  return reply?.ok === true ? schema.safeParse(tryParseJson(reply.body.expose())).data : undefined;
}
