import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Instance } from '#infra/sandbox/lambda/instance.ts';
import { STAGE } from '#infra/sandbox/lambda/deployment.ts';
import type { LeakJob } from '#shared/jobs/job.ts';
import { langsmithKey } from '#test/support/leaks.ts';
import { DONE, leaked, startWorkerRig, typed, type WorkerRig } from '#test/support/worker-rig.ts';

let rig: WorkerRig;
let slackWorker: Instance;
let alertWorker: Instance;
let hygiene: Instance;

beforeAll(async () => {
  rig = await startWorkerRig();
  slackWorker = rig.start('slack-worker');
  alertWorker = rig.start('alert-worker');
  hygiene = rig.start('hygiene');
}, 90_000);
afterAll(() => rig.close());
beforeEach(() => {
  rig.printed.length = 0;
});

const kindsSince = async (before: number) =>
  (await rig.queuedSince(before)).map((body) => (JSON.parse(body) as LeakJob).kind);

describe('the slack worker', () => {
  it('does what was typed, once however often it comes, and says so in the channel', async () => {
    const { id } = rig.mint('laptop of the worker');
    const job = typed(`deactivate ${id} left in cab`, 'typed-1');
    expect(await rig.deliver(job, { by: slackWorker })).toEqual(DONE);
    expect(rig.isAlive(id)).toBe(false);
    const said = () => rig.saidIn('C0GENERAL01').filter((text) => text.includes('laptop of the worker'));
    expect(said()).toHaveLength(1);
    // A copy is put back for as long as whoever has done the job may still be telling it.
    await vi.waitFor(async () => expect(await rig.deliver(job, { by: slackWorker })).toEqual(DONE), {
      timeout: 20_000,
      interval: 1000,
    });
    expect(said()).toHaveLength(1);
    expect(await rig.printedLines('"event":"job_done"', 2)).toHaveLength(2);
    expect(rig.printed.join('')).not.toContain('left in cab');
  });

  it('drops what our own functions have not signed, and does nothing of it', async () => {
    const { id } = rig.mint('forged');
    expect(await rig.deliver(typed(`deactivate ${id}`, 'forged-1'), { by: slackWorker, key: 'f'.repeat(64) })).toEqual(
      DONE,
    );
    expect(rig.isAlive(id)).toBe(true);
    await rig.printedLines('"event":"job_unreadable"');
    expect(rig.printed.join('')).not.toContain('"event":"job_done"');
  });

  it('gives a request that could not be answered back to the queue, and answers it when it comes again', async () => {
    const job = typed('list', 'troubled-1');
    const before = rig.saidIn('C0GENERAL01').length;
    rig.slack.setFault({ mode: '500' });
    const answer = await rig.deliver(job, { by: slackWorker });
    rig.slack.setFault({ mode: 'none' });
    expect(answer).toEqual({
      ok: true,
      answer: { batchItemFailures: [{ itemIdentifier: expect.stringMatching(/^message-/) as string }] },
    });
    expect(rig.saidIn('C0GENERAL01')).toHaveLength(before);
    expect(await rig.deliver(job, { by: slackWorker })).toEqual(DONE);
    expect(rig.saidIn('C0GENERAL01')).toHaveLength(before + 1);
  });
});

describe('the alert worker', () => {
  it('stops a leaked token, shows that in the security channel, and repeats no word of the secret', async () => {
    const { id, secret } = rig.mint('leaked to the worker');
    const before = await rig.queued();
    expect(await rig.deliver(leaked(secret), { by: alertWorker })).toEqual(DONE);
    expect(rig.isAlive(id)).toBe(false);
    const cards = rig.saidIn('C0SECURITY1').filter((text) => text.includes('leaked to the worker'));
    expect(cards).not.toEqual([]);
    const [line] = await rig.printedLines('"event":"leak_handled"');
    expect(JSON.parse(line ?? '{}')).toMatchObject({ source: 'generic', result: 'dead', rule: 'proved' });
    const everything = JSON.stringify([rig.slack.messages(), rig.printed, await rig.queuedSince(before)]);
    expect(everything).not.toContain(secret);
    expect(everything).not.toContain(secret.slice(12, 40));
  });

  it('queues each report of a part of a large delivery as a job of its own', async () => {
    const report = leaked(langsmithKey('pt'));
    const reports = [report.report, { ...report.report, key: 'another' }];
    const { source, receivedAt, deliveryKey } = report;
    const before = await rig.queued();
    const part = { v: 1, kind: 'report-part', source, receivedAt, deliveryKey, offset: 0, reports } as const;
    expect(await rig.deliver(part, { by: alertWorker })).toEqual(DONE);
    expect(await kindsSince(before)).toEqual(['report', 'report']);
  });
});

describe('hygiene', () => {
  it('posts one digest per firing, however often it is called', async () => {
    const digests = () => rig.saidIn('C0SECURITY1').length;
    const before = digests();
    expect(await rig.run(hygiene, { id: 'firing-1' })).toMatchObject({ ok: true });
    expect(digests()).toBe(before + 1);
    expect(await rig.run(hygiene, { id: 'firing-1' })).toMatchObject({ ok: true });
    expect(digests()).toBe(before + 1);
    expect(await rig.run(hygiene, { id: 'firing-2' })).toMatchObject({ ok: true });
    expect(digests()).toBe(before + 2);
  });

  it('writes how many cases are open, and how long the first that needs a person has waited', async () => {
    expect(await rig.run(hygiene, { task: 'count' })).toMatchObject({ ok: true });
    for (const name of ['CasesWaiting', 'LongestWait', 'OpenCases']) {
      const [line] = await rig.printedLines(`"Name":"${name}"`);
      expect(line).toContain(`Patrol/${STAGE}`);
    }
  });

  it('tells of dead letters, and says nothing where there are none', async () => {
    const before = rig.slack.messages().length;
    expect(await rig.run(hygiene, { task: 'dead-letters' })).toMatchObject({ ok: true });
    expect(rig.slack.messages()).toHaveLength(before);
    const QueueUrl = rig.queues.queueUrl('LeaksDeadQueue');
    await fetch(QueueUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' },
      body: JSON.stringify({ QueueUrl, MessageBody: '{}' }),
    });
    expect(await rig.run(hygiene, { task: 'dead-letters' })).toMatchObject({ ok: true });
    expect(rig.saidIn('C0SECURITY1').at(-1)).toMatch(/^Patrol gave up on 1 leak report\./);
    const [line] = await rig.printedLines('"event":"dead_letters"');
    expect(JSON.parse(line ?? '{}')).toMatchObject({ count: 1 });
  });

  it('queues a report of each open alert at GitHub that never arrived, and answers how many', async () => {
    rig.github.setAlert({ repository: 'acme/payments', number: 7, secret: langsmithKey('pt'), secret_type: 'x' });
    const before = await rig.queued();
    expect(await rig.run(hygiene, { task: 'reconcile' })).toMatchObject({
      ok: true,
      answer: { missed: 1, unread: [] },
    });
    const [body, ...others] = await rig.queuedSince(before);
    expect(others).toEqual([]);
    expect(JSON.parse(body ?? '{}')).toMatchObject({
      kind: 'report',
      source: 'github',
      report: { locator: { number: 7 } },
    });
  });

  it('fails on a task that is none, and on a failing one with a line that rings', async () => {
    expect(await rig.run(hygiene, { task: 'constructor' })).toMatchObject({ ok: false });
    rig.queues.setFault({ mode: '500' });
    const failed = await rig.run(hygiene, { task: 'dead-letters' });
    rig.queues.setFault({ mode: 'none' });
    expect(failed).toMatchObject({ ok: false });
    const [line] = await rig.printedLines('"event":"dead_letters"');
    expect(JSON.parse(line ?? '{}')).toMatchObject({ level: 'error', result: 'failed', fault: 'store_unavailable' });
  });
});
