import { afterAll, beforeAll, expect } from 'vitest';
import { Secret } from '#shared/core/secret.ts';
import { attack } from '#test/support/attack.ts';
import { type LeakBench, startLeakBench } from '#test/support/leak-bench.ts';
import { handOut, queued } from '#test/support/fair-queue.ts';
import { langsmithKey } from '#test/support/leaks.ts';

let bench: LeakBench;

beforeAll(async () => {
  bench = await startLeakBench();
});
afterAll(() => bench.close());

attack(
  {
    name: 'flood-before-a-person',
    finding: 10,
    does: 'has 500 junk alerts sent through one source, so that what a person pastes, and a proved leak of another source, wait behind them',
    holds: 'the queue hands both out before any job that was not being worked on when they came',
    inside: 'the stand-in of SQS does not say in which turn AWS hands groups out',
    without: [{ file: 'shared/jobs/send-jobs.ts', replace: 'MessageGroupId: group,', by: '' }],
  },
  async () => {
    const report = (key: string, more: object = {}) =>
      bench.jobs([{ secret: new Secret(langsmithKey()) }], { delivery: key, isAccepted: false }).map((job) => ({
        ...job,
        report: { ...job.report, ...more },
      }));
    const flood = await queued(Array.from({ length: 500 }, (_, index) => report(`junk-${index}`)).flat());
    const pasted = await queued(report('pasted', { reporter: { teamId: 'T0SANDBOX01', userId: 'U0VIEWER001' } }));
    const proved = await queued(bench.jobs([{ secret: new Secret(langsmithKey()) }], { delivery: 'proved' }));
    const out = handOut(flood, { 100: [...pasted, ...proved] });
    for (const [one] of [pasted, proved]) expect(out.indexOf(one?.MessageBody ?? '') - 100).toBeLessThanOrEqual(25);
  },
);
