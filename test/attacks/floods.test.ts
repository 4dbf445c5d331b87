import { afterAll, beforeAll, expect } from 'vitest';
import { Secret } from '#shared/core/secret.ts';
import { createAlertDriver } from '#test/support/alert-driver.ts';
import { attack } from '#test/support/attack.ts';
import { type LeakBench, startLeakBench } from '#test/support/leak-bench.ts';
import { handOut, queued } from '#test/support/fair-queue.ts';
import { langsmithKey } from '#test/support/leaks.ts';
import { sharedSandbox } from '#test/support/shared-sandbox.ts';

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

attack(
  {
    name: 'everybody-in-one-turn',
    finding: 10,
    does: 'relies on all that he sends, all that others send and what people ask for being one line to the queues',
    holds: 'each message says whose turn it takes: of its person, of its source, of proved leaks or of what is planned',
    without: [{ file: 'shared/jobs/send-jobs.ts', replace: 'MessageGroupId: group,', by: '' }],
  },
  async () => {
    const sandbox = await sharedSandbox();
    const driver = createAlertDriver(sandbox);
    const { users } = sandbox.ready.slack;
    const before = (await sandbox.history()).length;
    await driver.ask('whoami', 'viewer');
    await driver.ask('whoami', 'operator');
    await driver.tell([{ secret: langsmithKey() }]);
    await driver.tell([{ note: 'nothing that anybody knows' }], 'generic');
    const proved = await driver.issue('langsmith', 'in a turn of its own');
    await driver.report('gitleaks', proved);
    await sandbox.pat('leak', 'operator');
    const window = await driver.view('operator', ({ callbackId }) => callbackId === 'patrol:leak');
    await driver.submit(window, { leak: { secrets: { type: 'plain_text_input', value: langsmithKey() } } }, 'operator');
    await driver.idle();
    await driver.quiet();
    const sent = (await sandbox.history()).slice(before);
    const groups = (queue: RegExp) =>
      new Set(sent.filter((one) => queue.test(one.queue)).map(({ group }) => group ?? 'none'));
    expect(groups(/commands/)).toEqual(new Set([`person-${users.viewer}`, `person-${users.operator}`]));
    const told = groups(/leaks/);
    expect([...told]).toEqual(expect.arrayContaining(['source-generic', 'proved', `person-${users.operator}`]));
    expect(told.has('none') || told.has('source-gitleaks')).toBe(false);
  },
);
