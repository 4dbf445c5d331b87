import { randomUUID } from 'node:crypto';
import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Queues, startQueues } from '#infra/sandbox/aws/queues.ts';
import { readDeployment } from '#infra/sandbox/lambda/deployment.ts';
import type { Invocation } from '#infra/sandbox/lambda/invocation.ts';
import { type Poller, startPoller } from '#infra/sandbox/lambda/poller.ts';

interface Record {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: { readonly ApproximateReceiveCount: string };
  readonly eventSourceARN: string;
}

const QUEUE = 'LeaksQueue';
const OK: Invocation = { ok: true, payload: '{}', died: false };
const DIED: Invocation = { ok: false, payload: '{"errorType":"Runtime.ExitError"}', died: true };

let queues: Queues;
let poller: Poller | undefined;
let client: SQSClient;
/** Every batch that was handed over: body and attempt of each record. */
let batches: [string, number][][] = [];
/** For how many seconds each message was hidden that was given back. */
let hidden: number[] = [];

beforeAll(async () => {
  queues = await startQueues(readDeployment().queues);
  client = new SQSClient({
    endpoint: queues.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  });
});
afterAll(async () => {
  await poller?.stop();
  client.destroy();
  await queues.close();
});
beforeEach(async () => {
  await poller?.stop();
  queues.setFault({ mode: 'none' });
  await queues.setMaxReceives(QUEUE);
  await queues.clear();
  batches = [];
  hidden = [];
});

function poll(answer: (records: readonly Record[]) => Invocation | Promise<Invocation>): void {
  poller = startPoller({
    queues: {
      ...queues,
      changeVisibility: (queue, receipt, seconds) => {
        hidden.push(seconds);
        return queues.changeVisibility(queue, receipt, seconds);
      },
    },
    queueName: 'patrol-sandbox-leaks',
    mapping: { logicalId: QUEUE, batchSize: 5, maximumConcurrency: 1 },
    invoke: async (event) => {
      const { Records: records } = JSON.parse(event) as { Records: Record[] };
      batches.push(records.map(({ body, attributes }) => [body, Number(attributes.ApproximateReceiveCount)]));
      return answer(records);
    },
  });
}

const send = (...bodies: string[]) =>
  client.send(
    new SendMessageBatchCommand({
      QueueUrl: queues.queueUrl(QUEUE),
      Entries: bodies.map((MessageBody) => ({ Id: randomUUID(), MessageBody })),
    }),
  );
const drained = () => expect.poll(() => queues.pending(), { timeout: 10_000 }).toBe(0);

describe("the sandbox's queues", () => {
  it('bring a batch of at most five, and forget what was done', async () => {
    await send('1', '2', '3', '4', '5', '6');
    poll(() => OK);
    await drained();
    expect(
      batches
        .flat()
        .map(([body]) => body)
        .toSorted(),
    ).toEqual(['1', '2', '3', '4', '5', '6']);
    expect(Math.max(...batches.map((batch) => batch.length))).toBe(5);
  });

  it('leave a reported failure alone until the time that the function gave it, and forget its neighbours', async () => {
    await send('good', 'bad');
    poll(async (records) => {
      const bad = records.find(({ body }) => body === 'bad');
      if (bad === undefined || bad.attributes.ApproximateReceiveCount !== '1') return OK;
      await queues.changeVisibility(QUEUE, bad.receiptHandle, 0);
      return {
        ok: true,
        payload: JSON.stringify({ batchItemFailures: [{ itemIdentifier: bad.messageId }] }),
        died: false,
      };
    });
    await drained();
    expect(batches).toEqual([
      [
        ['good', 1],
        ['bad', 1],
      ],
      [['bad', 2]],
    ]);
  });

  it('bring everything again about a second after the process died', async () => {
    await send('one');
    poll(([record]) => (record?.attributes.ApproximateReceiveCount === '1' ? DIED : OK));
    await drained();
    expect(batches).toEqual([[['one', 1]], [['one', 2]]]);
    expect(hidden).toEqual([1]);
  });

  it.each([
    '{"batchItemFailures":[{"itemIdentifier":"unknown"}]}',
    '{"batchItemFailures":[{"itemIdentifier":""}]}',
    '{"batchItemFailures":"all"}',
  ])('take the answer %s as a failure of the whole batch, as Lambda does', async (payload) => {
    await send('one');
    poll(([record]) => (record?.attributes.ApproximateReceiveCount === '1' ? { ok: true, payload, died: false } : OK));
    await drained();
    expect(batches).toHaveLength(2);
  });

  it('put a message aside after its last receive, and mark it in the history', async () => {
    await queues.setMaxReceives(QUEUE, 2);
    await send('poison', 'good');
    poll((records) => (records.some(({ body }) => body === 'poison') ? DIED : OK));
    await expect
      .poll(async () => (await queues.history()).find(({ body }) => body === 'poison')?.deadLettered, {
        timeout: 15_000,
      })
      .toBe(true);
    expect(batches.flat().filter(([body]) => body === 'poison')).toHaveLength(2);
  });

  it('remember every body that was accepted, singly or in a batch, and none that was refused', async () => {
    await client.send(new SendMessageCommand({ QueueUrl: queues.queueUrl(QUEUE), MessageBody: 'single' }));
    await send('first', 'second');
    queues.setFault({ mode: '500', count: 1 });
    await expect(send('refused')).rejects.toThrow();
    const history = await queues.history();
    expect(history.map(({ body }) => body)).toEqual(['single', 'first', 'second']);
    expect(history.every(({ queue, deadLettered }) => queue === 'patrol-sandbox-leaks' && !deadLettered)).toBe(true);
  });

  it.each(['down', '401', '429', 'html'] as const)('misbehave as told (%s), as often as told', async (mode) => {
    queues.setFault({ mode, count: 1 });
    await expect(send('refused')).rejects.toThrow();
    await send('accepted');
    expect((await queues.history()).map(({ body }) => body)).toEqual(['accepted']);
  });
});
