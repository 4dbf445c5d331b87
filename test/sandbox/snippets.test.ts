import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signAlert } from '#infra/sandbox/senders/alert-senders.ts';
import { startTestSandbox, type TestSandbox } from '#test/support/sandbox.ts';

const run = promisify(execFile);

/** The test deliveries of the page, each under the heading of its source. */
const DELIVERIES = readFileSync('docs/alert-sources.md', 'utf8')
  .split(/^## /m)
  .slice(1)
  .flatMap((part) =>
    [...part.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, script = '']) => ({
      source: part.split('\n')[0] ?? '',
      script,
    })),
  );

/** The snippets of a page that speak to a running sandbox. */
const spoken = (page: string): readonly string[] =>
  [...readFileSync(page, 'utf8').matchAll(/^```sh\n([^]*?)^```$/gm)]
    .map(([, script = '']) => script)
    .filter((script) => script.includes('127.0.0.1:4400/sandbox'));

describe('what a page has a reader type', () => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await startTestSandbox();
  });
  afterAll(async () => {
    await sandbox.stop();
  });

  /** Runs a snippet as a reader would, with the source's own secret or another. */
  const deliver = async (script: string, secret: string, cwd = '.'): Promise<string> => {
    const env = { PATH: process.env['PATH'], PATROL: sandbox.ready.alerts.endpoint, SECRET: secret };
    const { stdout } = await run('bash', ['-e', '-c', script], { env, cwd }).catch(
      (error: unknown) => error as { stdout: string },
    );
    return stdout;
  };

  /** Runs a snippet as it is printed, but against this sandbox. */
  const speak = (script: string) =>
    run('bash', ['-e', '-c', script.replaceAll('http://127.0.0.1:4400', sandbox.ready.url)]);

  const secrets = () =>
    Object.entries(sandbox.ready.alerts.secrets).flatMap(([name, secret]) =>
      typeof secret === 'string' ? [[name, secret] as const] : [],
    );
  const secretOf = (source: string): string => secrets().find(([name]) => name === source)?.[1] ?? '';

  it('README.md: looks for a leaked secret everywhere, and finds it nowhere', async () => {
    const { stdout } = await speak(spoken('README.md')[0]!);
    expect(stdout).toContain('"source":"gitleaks"');
    expect(stdout.match(/^.*: \d+$/gm)).toEqual(['queue-history: 0', 'table: 0', 'logs: 0', 'messages: 0']);
    await sandbox.until(
      'the death of the leaked token',
      async () => (await sandbox.token('notebook')).state !== 'active',
    );
  });

  it('docs/sandbox.md: types a command and reads the answer', async () => {
    const { stdout } = await speak(spoken('docs/sandbox.md')[0]!);
    expect(stdout).toMatch(/"status":200/);
  });

  it('has a delivery for every source with a secret', () => {
    expect(new Set(DELIVERIES.map(({ source }) => source))).toEqual(new Set(secrets().map(([name]) => name)));
  });

  it.each(DELIVERIES)(
    '$source: the test delivery is taken, and refused with another secret',
    async ({ source, script }) => {
      const secret = secretOf(source);
      expect(await deliver(script, secret)).toMatch(/^HTTP\/1.1 2\d\d/);
      const other = secret.startsWith('whsec_') ? 'whsec_b3RoZXItc2VjcmV0LW90aGVyLXNlY3JldA==' : `${secret}x`;
      expect(await deliver(script, other)).toMatch(/^HTTP\/1.1 401/);
    },
  );

  it.each([
    ['gitleaks', 'laptop-anna'],
    ['trufflehog', 'grafana-exporter'],
  ])('%s: a CI job that takes its report as the page says ends the token in it', async (source, name) => {
    const folder = mkdtempSync(join(tmpdir(), 'patrol-ci-'));
    const { script = '' } = DELIVERIES.find((one) => one.source === source) ?? {};
    const [line = '', inCi = ''] = /^report=.*# in CI instead: (report=\S+)$/m.exec(script) ?? [];
    const job = script.replace(line, inCi);
    expect(job).toContain('\nid=test-');
    const send = async (report: string) => {
      writeFileSync(join(folder, 'report.json'), report);
      return deliver(job, secretOf(source), folder);
    };
    const { secret, provider } = await sandbox.token(name);
    try {
      // A scan that found nothing.
      expect(await send(source === 'gitleaks' ? '[]\n' : '')).toMatch(/^HTTP\/1.1 2\d\d/);
      const { body } = signAlert(source, { secret, provider: provider as 'dfns' }, sandbox.ready.alerts.secrets);
      expect(await send(body)).toMatch(/^HTTP\/1.1 2\d\d/);
    } finally {
      rmSync(folder, { recursive: true });
    }
    await sandbox.until(`the death of ${name}`, async () => (await sandbox.token(name)).state === 'inactive');
  });

  it('told the note of the first one in the channel', async () => {
    await sandbox.said(/./);
    expect(JSON.stringify(await sandbox.messages())).toContain('A test delivery, signed by hand.');
  });
});
