import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync, zipSync } from 'fflate';
import { loadPolicy } from '#infra/policy.ts';

const POLICY = 'policy.json';

/** Puts another policy into copies of zips that are built already, and gives their folder: to build them anew would change nothing else. */
export function zipsWithPolicy(zips: string, file: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'patrol-with-policy-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const policy = Buffer.from(`${JSON.stringify(loadPolicy({ file }), null, 2)}\n`);
  for (const zip of readdirSync(zips).filter((name) => name.endsWith('.zip'))) {
    const files = unzipSync(readFileSync(join(zips, zip)));
    const changed = POLICY in files ? { ...files, [POLICY]: policy } : files;
    writeFileSync(join(folder, zip), zipSync(changed, { level: 1 }));
  }
  return folder;
}
