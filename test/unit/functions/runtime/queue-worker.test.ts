import type { SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { AwsCall } from '#shared/core/aws-call.ts';
import { Fault } from '#shared/core/fault.ts';
import { signJob } from '#shared/jobs/sign-job.ts';
import { toQueueText } from '#shared/jobs/to-queue-text.ts';
import { deriveKey } from '#shared/secrets/derive-key.ts';
import { Secret } from '#shared/core/secret.ts';
import type { Delivery } from '#shared/tokens/delivery.ts';
import { requestId } from '#functions/runtime/follow.ts';
import { createQueueWorker } from '#functions/runtime/queue-worker.ts';
import type { Watchdog } from '#functions/runtime/watchdog.ts';

const JOB_KEY = deriveKey('fingerprint-key-for-tests-0123456789', 'jobs');
const NOW = '2026-11-22T12:00:00.000Z';

function record(id: string, body: unknown, receives = 1): SQSRecord {
  const text =
    typeof body === 'string' ? body : toQueueText(signJob(JOB_KEY, { ...(body as object), receivedAt: NOW }));
  return {
    messageId: id,
    receiptHandle: `handle-${id}`,
    body: text,
    attributes: {
      ApproximateReceiveCount: String(receives),
      SentTimestamp: '0',
      SenderId: 'x',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-central-1:000000000000:q',
    awsRegion: 'eu-central-1',
  };
}

function worker(
  handle: (job: { n: number; requestId?: string }, delivery: Delivery) => Promise<unknown>,
  watchdog?: Watchdog,
) {
  const postponed: { handle: unknown; seconds: unknown }[] = [];
  const logged: string[] = [];
  const call: AwsCall = async (request) => {
    const json = 'json' in request ? request.json : {};
    postponed.push({ handle: json['ReceiptHandle'], seconds: json['VisibilityTimeout'] });
    return { ok: true, body: new Secret('{}') };
  };
  const run = createQueueWorker({
    schema: z.object({ n: z.number(), requestId: z.string().exactOptional() }),
    handle,
    call,
    queueUrl: 'http://127.0.0.1/q',
    jobKey: JOB_KEY,
    now: () => new Date(NOW),
    maxReceives: 3,
    log: (level, fields) => logged.push(`${level} ${fields.event}`),
    random: () => 1,
    ...(watchdog && { watchdog }),
  });
  return { run, postponed, logged };
}

describe('createQueueWorker', () => {
  it('reports only the failed records of a batch, and postpones them', async () => {
    const { run, postponed } = worker(async ({ n }) => {
      if (n === 2) throw new Fault('provider_unavailable', 'down');
    });
    const answer = await run({ Records: [record('a', { n: 1 }), record('b', { n: 2 })] });
    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: 'b' }]);
    expect(postponed).toEqual([{ handle: 'handle-b', seconds: 2 }]);
  });

  it('doubles the pause with every delivery, up to five minutes, and never comes back sooner than asked', async () => {
    const { run, postponed } = worker(async ({ n }) => {
      throw new Fault('provider_rate_limited', 'busy', n === 9 ? { retryAfterSeconds: 900 } : {});
    });
    await run({
      Records: [
        record('a', { n: 1 }, 1),
        record('b', { n: 1 }, 4),
        record('c', { n: 1 }, 30),
        record('d', { n: 9 }, 1),
      ],
    });
    expect(postponed.map(({ seconds }) => seconds)).toEqual([2, 16, 300, 900]);
  });

  it('drops what a redelivery would not mend, with an error line', async () => {
    const { run, postponed, logged } = worker(async () => {
      throw new Fault('config_invalid', 'x');
    });
    expect(await run({ Records: [record('a', { n: 1 }), record('b', 'no json')] })).toEqual({ batchItemFailures: [] });
    expect([postponed, logged.toSorted()]).toEqual([[], ['error job_dropped', 'error job_unreadable']]);
  });

  it('does no job that our own functions have not signed, and says why', async () => {
    const { run, logged } = worker(async () => expect.unreachable());
    const other = deriveKey('another-key-for-tests-0123456789-012', 'jobs');
    const forged = signJob(other, { n: 1, receivedAt: NOW });
    const unsigned = JSON.stringify({ n: 1, receivedAt: NOW });
    expect(await run({ Records: [record('a', forged), record('b', unsigned)] })).toEqual({ batchItemFailures: [] });
    expect(logged).toEqual(['error job_unreadable', 'error job_unreadable']);
  });

  it('keeps what another release of ours has queued, and tells a person when it is given up', async () => {
    const { run, postponed, logged } = worker(async ({ n }) => (n === 2 ? 'unknown' : undefined));
    const newer = record('a', { kind: 'of another release' });
    const answer = await run({ Records: [newer, record('b', { n: 2 }), record('c', { n: 1 })] });
    expect(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).toSorted()).toEqual(['a', 'b']);
    expect(postponed).toHaveLength(2);
    expect(logged).toEqual(['warn job_unknown', 'warn job_unknown']);
    await run({ Records: [record('a', { kind: 'of another release' }, 3)] });
    expect(logged.at(-1)).toBe('error job_unknown');
  });

  it('tries again after an error that is no fault: nothing is lost by a defect', async () => {
    const { run } = worker(async () => {
      throw new TypeError('defect');
    });
    expect((await run({ Records: [record('a', { n: 1 })] })).batchItemFailures).toHaveLength(1);
  });

  it('does each job as a part of its own request, also beside others', async () => {
    const seen: unknown[] = [];
    const { run } = worker(async ({ n }) => {
      await new Promise(setImmediate);
      seen.push([n, requestId()]);
    });
    const jobs = [{ n: 1, requestId: 'request-1' }, { n: 2, requestId: 'request-2' }, { n: 3 }];
    await run({ Records: jobs.map((job) => record(`record-${job.n}`, job)) });
    expect(seen.toSorted()).toEqual([
      [1, 'request-1'],
      [2, 'request-2'],
      [3, undefined],
    ]);
    expect(requestId()).toBeUndefined();
  });

  it('tells the last delivery apart, so that whoever waits is told', async () => {
    const seen: Delivery[] = [];
    const { run } = worker(async (_job, delivery) => void seen.push(delivery));
    await run({ Records: [record('a', { n: 1 }, 2), record('b', { n: 1 }, 3)] });
    expect(seen).toEqual([
      { attempt: 2, isLast: false },
      { attempt: 3, isLast: true },
    ]);
  });
});

describe('a job that has held the loop', () => {
  const held = (times: Readonly<Record<string, number>>, guarded: string[] = []): Watchdog => ({
    heldBefore: async ({ messageId }) => times[messageId],
    guard: async ({ messageId }, _heldBefore, work) => {
      guarded.push(`${messageId} begins`);
      const done = await work();
      guarded.push(`${messageId} ends`);
      return done;
    },
  });

  it('among others is done alone, after those that are not suspected', async () => {
    const guarded: string[] = [];
    const { run } = worker(async () => undefined, held({ a: 0, c: 0 }, guarded));
    await run({ Records: [record('a', { n: 1 }, 2), record('b', { n: 2 }, 2), record('c', { n: 3 }, 2)] });
    expect(guarded).toEqual(['b begins', 'b ends', 'a begins', 'a ends', 'c begins', 'c ends']);
  });

  it('is refused by its own handler when it did so alone, and dropped untried when even that held the loop', async () => {
    const handled: unknown[] = [];
    const handle = async ({ n }: { n: number }, delivery: Delivery) => void handled.push([n, delivery.heldLoop]);
    const { run, logged } = worker(handle, held({ a: 0, b: 1, c: 2 }));
    const records = [record('a', { n: 1 }, 2), record('b', { n: 2 }, 2), record('c', { n: 3 }, 2)];
    expect(await run({ Records: records })).toEqual({ batchItemFailures: [] });
    expect(handled).toEqual([
      [1, undefined],
      [2, true],
    ]);
    expect(logged).toEqual(['error job_dropped']);
  });

  it('costs a first delivery no read, and no job its turn when the table cannot be read', async () => {
    let reads = 0;
    const handled: number[] = [];
    const watchdog: Watchdog = {
      ...held({}),
      heldBefore: async () => {
        reads += 1;
        throw new Fault('store_unavailable', 'down');
      },
    };
    const { run } = worker(async ({ n }) => void handled.push(n), watchdog);
    await run({ Records: [record('a', { n: 1 })] });
    expect(reads).toBe(0);
    await run({ Records: [record('a', { n: 1 }, 2)] });
    expect([reads, handled]).toEqual([1, [1, 1]]);
  });
});
