import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Context, SQSEvent } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startOnEvent } from '#functions/runtime/start-on-event.ts';
import { Fault } from '#shared/core/fault.ts';
import { once } from '#shared/core/once.ts';

const asked: { readonly target: unknown; readonly json: Record<string, unknown> }[] = [];
const sqs = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const json = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
    asked.push({ target: request.headers['x-amz-target'], json });
    response.end('{}');
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => sqs.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'example');
  vi.stubEnv('TEST_QUEUE_URL', `http://127.0.0.1:${(sqs.address() as AddressInfo).port}/000000000000/q`);
});
afterEach(() => {
  asked.length = 0;
});
afterAll(() => {
  vi.unstubAllEnvs();
  sqs.closeAllConnections();
  sqs.close();
});

const event = {
  Records: [1, 4].map((receives) => ({
    messageId: `m-${receives}`,
    receiptHandle: `handle-${receives}`,
    attributes: { ApproximateReceiveCount: String(receives) },
  })),
} as unknown as SQSEvent;
const context = {} as Context;

describe('a worker that is built on its first event', () => {
  it('is built before it already, and once', async () => {
    const start = vi.fn(async () => async () => ({ batchItemFailures: [] }));
    const handler = await startOnEvent(once(start), 'TEST_QUEUE_URL');
    expect(start).toHaveBeenCalledTimes(1);
    await handler(event, context);
    expect(start).toHaveBeenCalledTimes(1);
  });

  it('is built on it when it could not be before: a failure is not kept', async () => {
    let isWell = false;
    const start = async () => {
      if (!isWell) throw new Fault('secret_unavailable', 'secret slack');
      return async () => ({ batchItemFailures: [] });
    };
    const handler = await startOnEvent(once(start), 'TEST_QUEUE_URL');
    isWell = true;
    expect(await handler(event, context)).toEqual({ batchItemFailures: [] });
    expect(asked).toEqual([]);
  });

  it('is built and then given the event', async () => {
    const handler = await startOnEvent(async () => async () => ({ batchItemFailures: [] }), 'TEST_QUEUE_URL');
    expect(await handler(event, context)).toEqual({ batchItemFailures: [] });
    expect(asked).toEqual([]);
  });

  it('ends in its error when it cannot be built, and gives its records back for seconds', async () => {
    const fault = new Fault('secret_unavailable', 'secret slack');
    const handler = await startOnEvent(() => Promise.reject(fault), 'TEST_QUEUE_URL');
    await expect(handler(event, context)).rejects.toBe(fault);
    expect(asked.map(({ target }) => target)).toEqual(Array(2).fill('AmazonSQS.ChangeMessageVisibility'));
    const seconds = new Map(asked.map(({ json }) => [json['ReceiptHandle'], Number(json['VisibilityTimeout'])]));
    expect(seconds.get('handle-1')).toBeLessThanOrEqual(2);
    expect(seconds.get('handle-4')).toBeGreaterThanOrEqual(8);
    expect(seconds.get('handle-4')).toBeLessThanOrEqual(16);
  });

  it('still ends in that error when the queue does not answer either', async () => {
    const fault = new Fault('config_invalid', 'COMMANDS_QUEUE_URL is missing');
    const handler = await startOnEvent(() => Promise.reject(fault), 'NO_SUCH_VARIABLE');
    await expect(handler(event, context)).rejects.toBe(fault);
    expect(asked).toEqual([]);
  });
});
