import type { QueueMessage, Queues } from '../aws/queues.ts';
import { ACCOUNT, type DeployedFunction, REGION } from './deployment.ts';
import type { Invocation } from './invocation.ts';

interface PollerOptions {
  readonly queues: Queues;
  readonly queueName: string;
  readonly mapping: NonNullable<DeployedFunction['queue']>;
  readonly invoke: (event: string) => Promise<Invocation>;
}

export interface Poller {
  /** Takes no more messages at once; resolves when the last ones have been dealt with. */
  stop(): Promise<void>;
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
      if (messages.length > 0) await (open ? deliver(messages) : giveBack(messages, 0));
    }
  };
  const pollers = Promise.all(Array.from({ length: maximumConcurrency }, poll)).catch((error: unknown) => {
    // The queues may be closed while we wait for messages.
    if (open) throw error;
  });

  return {
    stop: async () => {
      open = false;
      await pollers;
    },
  };

  async function deliver(messages: readonly QueueMessage[]): Promise<void> {
    const invocation = await invoke(JSON.stringify({ Records: messages.map(toRecord) }));
    const failed = failedIds(invocation, messages);
    if (failed === 'all') return giveBack(messages, LAPSED_VISIBILITY_SECONDS);
    const done = messages.filter(({ MessageId }) => !failed.has(MessageId));
    await Promise.all(done.map(({ ReceiptHandle }) => queues.remove(logicalId, ReceiptHandle)));
  }

  async function giveBack(messages: readonly QueueMessage[], seconds: number): Promise<void> {
    await Promise.all(messages.map(({ ReceiptHandle }) => queues.changeVisibility(logicalId, ReceiptHandle, seconds)));
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
