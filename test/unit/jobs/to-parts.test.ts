import { createSecretKey } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { type LeakJob, leakJobSchema, type Report } from '#shared/jobs/job.ts';
import { sendPart, toParts } from '#shared/jobs/to-parts.ts';
import { sendJobs } from '#shared/jobs/send-jobs.ts';
import { toQueueText } from '#shared/jobs/to-queue-text.ts';
import { Secret } from '#shared/core/secret.ts';
import { foreignText } from '#test/support/arbitraries/text.ts';

const receivedAt = '2026-11-22T14:00:00.000Z';
const validity = { validity: 'valid', by: 'issuer', checkedAt: receivedAt } as const;
const jobOf = (index: number, more: Partial<Report> = {}): LeakJob => {
  const key = `generic:abc:${index}`;
  return { v: 1, kind: 'report', source: 'generic', receivedAt, deliveryKey: key, report: { key, ...more } };
};
const unpacked = async (jobs: readonly LeakJob[]) => {
  const sent: { job: LeakJob; delaySeconds: number }[] = [];
  for (const job of jobs) {
    if (job.kind !== 'report-part') sent.push({ job, delaySeconds: 0 });
    else
      await sendPart(
        job,
        async (some, delaySeconds) => void sent.push(...some.map((one) => ({ job: one, delaySeconds }))),
      );
  }
  return sent;
};

it('leaves a delivery of usual size as it is', () => {
  const jobs = Array.from({ length: 50 }, (_, index) => jobOf(index));
  expect(toParts(jobs)).toBe(jobs);
});

it('puts what is proved first and alone, and spreads the others so that nobody waits behind them', async () => {
  const jobs = Array.from({ length: 3000 }, (_, index) => jobOf(index, index === 2999 ? { validity } : {}));
  const parts = toParts(jobs);
  expect(parts[0]).toBe(jobs[2999]);
  expect(parts.length).toBeLessThan(40);
  const sent = await unpacked(parts);
  const latest = Math.max(...sent.map(({ delaySeconds }) => delaySeconds));
  expect(latest).toBeGreaterThan(60);
  expect(latest).toBeLessThanOrEqual(900);
  for (let second = 0; second <= latest; second += 1) {
    expect(sent.filter(({ delaySeconds }) => delaySeconds === second).length).toBeLessThanOrEqual(26);
  }
});

it('gives back the very jobs, in parts that fit the contract and a batch, whatever stands in them', async () => {
  const report = fc.record({ note: foreignText, detector: foreignText }, { requiredKeys: [] });
  await fc.assert(
    fc.asyncProperty(
      fc.array(report, { maxLength: 200, size: 'max' }),
      fc.string({ maxLength: 2000, unit: 'grapheme' }),
      async (reports, note) => {
        const jobs = reports.map((one, index) =>
          jobOf(index, {
            ...one,
            ...(one.detector !== undefined && { detector: one.detector.slice(0, 200) }),
            note: `${one.note ?? ''}${note}`.slice(0, 2000),
          }),
        );
        const parts = toParts(jobs);
        for (const part of parts) expect(leakJobSchema.parse(part)).toEqual(part);
        for (const part of parts.filter(({ kind }) => kind === 'report-part'))
          expect(Buffer.byteLength(toQueueText(JSON.stringify(part))) * 10).toBeLessThan(1024 * 1024);
        const byKey = (job: LeakJob) => ('deliveryKey' in job ? job.deliveryKey : '');
        const back = (await unpacked(parts)).map(({ job }) => job).toSorted((a, b) => byKey(a).localeCompare(byKey(b)));
        expect(back).toEqual(jobs.toSorted((a, b) => byKey(a).localeCompare(byKey(b))));
      },
    ),
    { numRuns: 30 },
  );
});

it('sends no more batches at once than there are connections, so that none times out while it waits for one', async () => {
  let [now, most, batches] = [0, 0, 0];
  const call = async (request: { readonly json?: unknown }) => {
    const { Entries } = request.json as { Entries: unknown[] };
    now += 1;
    batches += 1;
    most = Math.max(most, now);
    await new Promise((resolve) => setImmediate(resolve));
    now -= 1;
    return { ok: true, body: new Secret(JSON.stringify({ Successful: Entries, Failed: [] })) } as const;
  };
  const jobs = Array.from({ length: 1000 }, (_, index) => jobOf(index));
  await sendJobs({ call: call as never, jobKey: createSecretKey(Buffer.alloc(32)) }, 'https://sqs.test/q', jobs);
  expect(batches).toBe(100);
  expect(most).toBe(4);
});
