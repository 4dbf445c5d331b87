import type { QueueMessage, Queues } from '../aws/queues.ts';
import { ACCOUNT, type DeployedFunction, REGION } from './deployment.ts';
import type { Invocation } from './instance.ts';

interface PollerOptions {
  readonly queues: Queues;
  readonly queueName: string;
  readonly mapping: NonNullable<DeployedFunction['queue']>;
  readonly invoke: (event: string) => Promise<Invocation>;
}

export interface Poller {
  /** Takes no more messages. */
  stop(): void;
}

const WAIT_SECONDS = 1;

/**
 * Time lapse: on AWS the messages of a failed invocation come back when their visibility time-out ends, twelve minutes
 * later; here after a second. Messages that the function itself reports as failed keep the time that it gave them.
 */
const LAPSED_VISIBILITY_SECONDS = 1;

/** Brings a queue's messages to its function as Lambda's event source mapping does, with ReportBatchItemFailures. */
export function startPoller({ queues, queueName, mapping, invoke }: PollerOptions): Poller {
  const { logicalId, batchSize, maximumConcurrency } = mapping;
  let open = true;

  const poll = async (): Promise<void> => {
    while (open) {
      const messages = await queues.receive(logicalId, batchSize, WAIT_SECONDS);
      if (open && messages.length > 0) await deliver(messages);
    }
  };
  for (let poller = 0; poller < maximumConcurrency; poller += 1) {
    poll().catch((error: unknown) => {
      if (open) throw error;
    });
  }

  return {
    stop: () => {
      open = false;
    },
  };

  async function deliver(messages: readonly QueueMessage[]): Promise<void> {
    const invocation = await invoke(JSON.stringify({ Records: messages.map(toRecord) }));
    const failed = failedIds(invocation, messages);
    await Promise.all(
      messages.map(async ({ MessageId, ReceiptHandle }) => {
        if (failed === 'all') return await queues.changeVisibility(logicalId, ReceiptHandle, LAPSED_VISIBILITY_SECONDS);
        if (!failed.has(MessageId)) await queues.remove(logicalId, ReceiptHandle);
      }),
    );
  }

  function toRecord(message: QueueMessage) {
    return {
      messageId: message.MessageId,
      receiptHandle: message.ReceiptHandle,
      body: message.Body,
      attributes: message.Attributes,
      messageAttributes: {},
      md5OfBody: message.MD5OfBody,
      eventSource: 'aws:sqs',
      eventSourceARN: `arn:aws:sqs:${REGION}:${ACCOUNT}:${queueName}`,
      awsRegion: REGION,
    };
  }
}

/** Which messages failed. As on AWS an answer that cannot be read, or that names an unknown message, fails the whole batch. */
function failedIds({ ok, payload }: Invocation, messages: readonly QueueMessage[]): 'all' | ReadonlySet<string> {
  if (!ok) return 'all';
  const answer = JSON.parse(payload === '' ? 'null' : payload) as { batchItemFailures?: unknown } | null;
  const failures = answer?.batchItemFailures ?? [];
  if (!Array.isArray(failures)) return 'all';
  const ids = failures.map((failure: { itemIdentifier?: unknown } | null) => failure?.itemIdentifier);
  const known = new Set(messages.map(({ MessageId }) => MessageId));
  return ids.every((id): id is string => typeof id === 'string' && known.has(id)) ? new Set(ids) : 'all';
}
