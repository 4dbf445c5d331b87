import { defined } from '#shared/core/defined.ts';

/** One body that was ever queued. */
export interface QueuedBody {
  readonly at: string;
  readonly queue: string;
  readonly messageId: string;
  readonly body: string;
  /** Whose turn it takes (`MessageGroupId`); absent where it was sent with none. */
  readonly group?: string;
  readonly deadLettered: boolean;
}

/** Remembers every body that SQS accepted, singly or in a batch, whatever became of it. */
export function createQueueHistory() {
  let bodies = new Map<string, QueuedBody>();

  const add = (messageId: unknown, queueUrl: unknown, sent: Readonly<Record<string, any>> | undefined): void => {
    const queue = String(queueUrl).split('/').at(-1) ?? '';
    const at = new Date().toISOString();
    const known = { at, queue, messageId: String(messageId), body: String(sent?.['MessageBody']), deadLettered: false };
    bodies.set(known.messageId, { ...known, ...defined({ group: sent?.['MessageGroupId'] as string | undefined }) });
  };

  return {
    /** Reads a call and SQS's answer to it; other calls than sending are passed over. */
    record: (target: string, requestBody: string, replyBody: string): void => {
      const request = parse(requestBody);
      const reply = parse(replyBody);
      if (target === 'AmazonSQS.SendMessage') add(reply['MessageId'], request['QueueUrl'], request);
      if (target !== 'AmazonSQS.SendMessageBatch') return;
      for (const { Id, MessageId } of reply['Successful'] ?? []) {
        const entry = request['Entries']?.find((candidate: { readonly Id: unknown }) => candidate.Id === Id);
        add(MessageId, request['QueueUrl'], entry);
      }
    },
    markDead: (messageId: string): void => {
      const known = bodies.get(messageId);
      if (known !== undefined) bodies.set(messageId, { ...known, deadLettered: true });
    },
    all: (): readonly QueuedBody[] => [...bodies.values()],
    clear: (): void => {
      bodies = new Map();
    },
  };
}

export type QueueHistory = ReturnType<typeof createQueueHistory>;

function parse(text: string): Record<string, any> {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
