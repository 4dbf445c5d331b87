import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Account, startAccount } from '#test/support/rehearsal/account.ts';
import { startTestSandbox, type TestSandbox } from '#test/support/sandbox.ts';

let sandbox: TestSandbox;
let account: Account;
/** Lambda's Invoke, in front of the sandbox's functions. */
let lambda: Server;

beforeAll(async () => {
  [sandbox, account] = await Promise.all([startTestSandbox(), startAccount()]);
  lambda = createServer((request, response) => {
    void (async () => {
      const [, name = ''] = /^\/2015-03-31\/functions\/patrol-dev-([\w-]+)\/invocations$/.exec(request.url ?? '') ?? [];
      const body = await text(request);
      const answer = await fetch(`${sandbox.ready.url}/sandbox/invoke/${name}`, { method: 'POST', body });
      const error = answer.headers.get('x-amz-function-error');
      response.writeHead(200, error === null ? {} : { 'x-amz-function-error': error });
      response.end(await answer.text());
    })();
  });
  await new Promise<void>((resolve) => lambda.listen(0, '127.0.0.1', resolve));
}, 120_000);
afterAll(async () => {
  lambda.close();
  await account.close();
  await sandbox.stop();
});

/** Runs the script as somebody who has deployed the stage `dev` would. */
const reconcile = () =>
  new Promise<{ code: number | null; out: string }>((resolve) => {
    const script = join(import.meta.dirname, '../../infra/setup/reconcile.ts');
    const child = spawn(process.execPath, [script, '--stage', 'dev', '--region', 'eu-central-1'], {
      env: {
        PATH: process.env['PATH'],
        AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'example',
        AWS_ENDPOINT_URL_STS: account.url,
        AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${(lambda.address() as AddressInfo).port}`,
      },
    });
    let out = '';
    child.stdout.on('data', (some: Buffer) => (out += some.toString()));
    child.stderr.on('data', (some: Buffer) => (out += some.toString()));
    child.on('close', (code) => resolve({ code, out }));
  });

it('finds the open alert that never arrived, without a list of repositories, and its token dies', async () => {
  const { secret, id } = await sandbox.token('grafana-exporter');
  await sandbox.post('github/alerts', { repository: 'acme/old', number: 3, secret, secret_type: 'custom' });
  const first = await reconcile();
  expect(first.out).toContain('1 open alerts, 1 of them about tokens of ours, 1 of which no case knew.');
  expect(first.code).toBe(0);
  await sandbox.until('the token to be inactive', async () =>
    (await sandbox.tokens()).some((token) => token.id === id && token.state === 'inactive'),
  );
  const card = await sandbox.until('its card', async () =>
    (await sandbox.messages()).find((one) => /grafana-exporter.*Deactivated, confirmed/.test(one.text)),
  );
  expect(JSON.stringify(card.blocks)).toContain('acme/old');
  await sandbox.until('the alert to be closed', async () =>
    (await sandbox.get<readonly { state: string }[]>('github/alerts')).every(({ state }) => state === 'resolved'),
  );
  expect((await reconcile()).out).toContain('0 open alerts, 0 of them about tokens of ours, 0 of which no case knew.');
});

it('is one of the schedules that the sandbox fires, beside the report, the counts and the dead letters', async () => {
  await sandbox.post('run/hygiene');
  const lines = (await sandbox.logs()).filter((line) => line.function === 'hygiene').map((line) => line.text);
  expect(lines.filter((line) => line.includes('"event":"reconcile"')).length).toBeGreaterThan(2);
  expect(lines.some((line) => line.includes('CasesWaiting'))).toBe(true);
});
