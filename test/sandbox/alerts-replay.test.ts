import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AlertDriver, createAlertDriver } from '#test/support/alert-driver.ts';
import '#test/support/contain-no-secret.ts';
import { dfnsToken, langsmithKey } from '#test/support/leaks.ts';
import { startTestSandbox, type TestSandbox } from '#test/support/sandbox.ts';

const REPLAY = join(import.meta.dirname, '../../infra/replay.ts');

let sandbox: TestSandbox;
let driver: AlertDriver;
let folder: string;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  driver = createAlertDriver(sandbox);
  folder = mkdtempSync(join(tmpdir(), 'patrol-replay-'));
  writeFileSync(join(folder, 'ready'), JSON.stringify(sandbox.ready));
});
afterAll(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});

/** Replays a folder with these files and gives what was printed. */
async function replay(source: string, files: Readonly<Record<string, string>>): Promise<string> {
  const payloads = mkdtempSync(join(folder, `${source}-`));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(payloads, name), text);
  const args = [REPLAY, payloads, '--source', source, '--ready', join(folder, 'ready'), '--fail-on-change'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return stdout;
}

const foreign = [langsmithKey('pt'), langsmithKey('sk'), dfnsToken()];
const [pat = '', serviceKey = '', jwt = ''] = foreign;
const bodyOf = (sender: 'gitleaks' | 'trufflehog' | 'generic', secret: string) =>
  driver.sign(sender, { secret, provider: 'langsmith' }).body;

describe('a folder of recorded payloads with nobody’s secrets', () => {
  it('is signed and sent, and each file is told with what became of it; no provider is asked to change anything', async () => {
    const gitleaks = await replay('gitleaks', {
      'found.json': bodyOf('gitleaks', pat),
      'empty.json': '[]',
      'redacted.json': bodyOf('gitleaks', 'REDACTED'),
      'broken.json': '[{"RuleID"',
    });
    expect(gitleaks).toMatch(/^broken\.json: 400 not readable → C-\w{16} unmatched$/m);
    expect(gitleaks).toMatch(/^empty\.json: 200 nothing to do$/m);
    expect(gitleaks).toMatch(/^found\.json: 202 queued → C-\w{16} unmatched$/m);
    expect(gitleaks).toMatch(/^redacted\.json: 202 queued → C-\w{16} unmatched$/m);
    expect(gitleaks).toMatch(/^Changes at providers: 0\.$/m);

    const trufflehog = await replay('trufflehog', {
      'lines.ndjson': bodyOf('trufflehog', serviceKey) + bodyOf('trufflehog', jwt),
    });
    expect(trufflehog).toMatch(/^lines\.ndjson: 202 queued → C-\w{16} unmatched, C-\w{16} unmatched$/m);

    const generic = await replay('generic', { 'again.json': bodyOf('generic', pat) });
    expect(generic).toMatch(/^Changes at providers: 0\.$/m);
    expect([gitleaks, trufflehog, generic]).toContainNoSecret(foreign);
    expect((await sandbox.calls()).filter(({ mutation }) => mutation)).toEqual([]);
    expect(await driver.everything()).toContainNoSecret(foreign);
    expect(await driver.faults()).toEqual([]);
    expect(await driver.dead()).toBe(0);
  });

  it('that hold one of ours is told as a change, and ends with an error', async () => {
    const token = await driver.issue('langsmith', 'recorded by accident');
    const failed = await replay('generic', { 'ours.json': driver.sign('generic', driver.leakOf(token)).body }).catch(
      (error: unknown) => error,
    );
    expect(failed).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/C-\w{16} dead\nChanges at providers: 1\./),
    });
  });
});
