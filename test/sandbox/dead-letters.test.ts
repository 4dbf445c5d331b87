import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AlertDriver, createAlertDriver } from '#test/support/alert-driver.ts';
import { type Account, startAccount } from '#test/support/rehearsal/account.ts';
import { startTestSandbox, type TestSandbox } from '#test/support/sandbox.ts';
import { wordsOf } from '#test/support/slack-talk.ts';

const PROJECT = join(import.meta.dirname, '../..');
let sandbox: TestSandbox;
let driver: AlertDriver;
let account: Account;

beforeAll(async () => {
  [sandbox, account] = await Promise.all([startTestSandbox(), startAccount()]);
  driver = createAlertDriver(sandbox);
});
afterAll(async () => {
  await sandbox.stop();
  await account.close();
});

const WORKERS = ['slack-worker', 'alert-worker'] as const;
/** What EventBridge does every five minutes. */
const look = () => sandbox.post('invoke/hygiene', { task: 'dead-letters' });

it('what was given up is announced with what is lost for now, and the command that it names brings it back', async () => {
  const leaked = await driver.issue('langsmith', 'given-up-leak');
  const asked = await driver.mint('given-up-request');
  for (const name of WORKERS) await sandbox.post('restart', { function: name, env: { MAX_RECEIVES: '2' } });
  await sandbox.fault('dynamodb', { mode: '500' });
  await driver.report('gitleaks', leaked);
  await sandbox.pat(`deactivate ${asked.id}`, 'operator');
  await sandbox.until('both to be given up', async () => (await driver.dead()) === 2, 40_000);
  await sandbox.fault('dynamodb', { mode: 'none' });
  for (const name of WORKERS) await sandbox.post('restart', { function: name, env: { MAX_RECEIVES: '100' } });
  expect([await driver.stateOf(leaked), await driver.stateOf(asked)]).toEqual(['active', 'active']);

  await look();
  const told = await sandbox.said(/^Patrol gave up on 1 leak report and 1 request\./);
  expect(told.channel).toBe(sandbox.ready.slack.channels.security);
  expect(wordsOf(told)).toMatch(/a leaked token may still work.*Treat it as still working/s);
  expect(wordsOf(told)).toMatch(/whoever asked may have been told nothing/);
  // Looked at again, nothing new is said.
  await look();
  expect((await sandbox.messages()).filter(({ text }) => text.startsWith('Patrol gave up'))).toHaveLength(1);

  const [, script = '', stage = ''] = /npm run (redrive) -- --stage (\w+)/.exec(wordsOf(told)) ?? [];
  const { stdout } = await promisify(execFile)('npm', ['run', '--silent', script, '--', '--stage', stage], {
    cwd: PROJECT,
    env: {
      ...process.env,
      AWS_ENDPOINT_URL_SQS: sandbox.ready.aws.sqs,
      AWS_ENDPOINT_URL_STS: account.url,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'example',
    },
  });
  expect(stdout).toContain(`patrol-${stage}-leaks-dead: about 1 jobs go back`);
  expect(stdout).toContain(`patrol-${stage}-commands-dead: about 1 jobs go back`);

  await driver.card(leaked.name, /Deactivated, confirmed\./, 60_000);
  await sandbox.said(new RegExp(`^Deactivated: .*${asked.name}`));
  await driver.quiet();
  expect([await driver.stateOf(leaked), await driver.stateOf(asked)]).toEqual(['inactive', 'inactive']);
  expect([await driver.mutationsOf(leaked), await driver.mutationsOf(asked)]).toEqual([1, 1]);
  await look();
  await driver.reads(told, /^No dead letter is kept any more/);
});

it('ends the words that promised another try, when the last one could not even be begun', async () => {
  const before = await driver.dead();
  const asked = await driver.mint('promised-again');
  await sandbox.post('restart', { function: 'slack-worker', env: { MAX_RECEIVES: '4' } });
  await sandbox.fault('dfns', { mode: 'down' });
  await sandbox.pat(`deactivate ${asked.id}`, 'operator');
  const promise = await sandbox.said(/NOT deactivated yet: .*Patrol tries again by itself/);
  await sandbox.fault('dynamodb', { mode: '500' });
  await sandbox.until('it to be given up', async () => (await driver.dead()) > before, 60_000);
  await sandbox.fault('dynamodb', { mode: 'none' });
  await sandbox.fault('dfns', { mode: 'none' });
  await sandbox.post('restart', { function: 'slack-worker', env: { MAX_RECEIVES: '100' } });
  await look();
  await driver.reads(promise, /^Patrol stopped: this request has not come to its end/);
});
