import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'patrol-explain-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function explain(report: unknown): Promise<{ code: number; text: string }> {
  const file = join(folder, 'report.json');
  writeFileSync(file, typeof report === 'string' ? report : JSON.stringify(report));
  try {
    const { stdout, stderr } = await run(process.execPath, ['infra/explain.ts', 'explain', file]);
    return { code: 0, text: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, text: stdout + stderr };
  }
}

describe('npm run policy -- explain', () => {
  it.each([
    [{ source: 'github', provider: 'dfns', grade: 'proved', validity: 'valid' }, 'deactivate, by proved.'],
    [{ source: 'github', provider: 'dfns', grade: 'strong', validity: 'unknown' }, 'ask, by issuer-silent.'],
    [{ source: 'github', provider: 'dfns', grade: 'strong' }, 'ask, by resembles.'],
    [{ source: 'github', provider: 'dfns', grade: 'exact', test: true }, 'notify, by test-messages.'],
    [{ source: 'github', grade: 'weak', matches: 3 }, 'ask, by resembles.'],
    [{ source: 'github', provider: 'langsmith', grade: 'proved', reversible: false }, 'ask, by floor:irreversible.'],
    [{ source: 'generic' }, 'notify, by floor:no-match.'],
  ])('prints for %j the decision and what made it: %s', async (report, first) => {
    const { code, text } = await explain(report);
    expect(code).toBe(0);
    expect(text.startsWith(first)).toBe(true);
  });

  it('says that a source is switched off, and which fields the policy does not look at', async () => {
    const { text } = await explain({ source: 'splunk', grade: 'exact', severity: 'high' });
    expect(text).toContain('source splunk is not in alerts.sources');
    expect(text).toContain('The policy does not look at: severity.');
  });

  it.each([
    ['{"source":', 'is not JSON'],
    ['{"grade":"exact"}', 'source:'],
    ['{"source":"x","grade":"sure"}', 'grade:'],
  ])('names what is wrong with %s', async (report, words) => {
    const { code, text } = await explain(report);
    expect(code).toBe(1);
    expect(text).toContain(words);
  });
});
