import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Account, startAccount } from '#test/support/rehearsal/account.ts';
import { FUNCTION_NAMES, packageProject } from '#test/support/packaged.ts';
import { startTestSandbox, type TestSandbox } from '#test/support/sandbox.ts';

let account: Account;
let packaged: Awaited<ReturnType<typeof packageProject>>;
let sandbox: TestSandbox | undefined;

beforeAll(async () => {
  account = await startAccount();
  packaged = await packageProject({ real: true });
  await packaged.osls(['deploy'], {
    AWS_ENDPOINT_URL: account.url,
    AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
    AWS_EC2_METADATA_DISABLED: 'true',
  });
  const zips = join(packaged.folder, 'uploaded');
  mkdirSync(zips);
  for (const [key, bytes] of account.uploads())
    if (key.endsWith('.zip')) writeFileSync(join(zips, basename(key)), bytes);
  sandbox = await startTestSandbox(['--no-page', '--zips', zips]);
}, 120_000);
afterAll(async () => {
  await sandbox?.stop();
  await account.close();
  rmSync(packaged.folder, { recursive: true, force: true });
});

describe('a rehearsed deploy', () => {
  it('uploads the zips that were built and checked, byte by byte', () => {
    for (const name of FUNCTION_NAMES) {
      const built = readFileSync(join(packaged.dist, `${name}.zip`));
      expect(readFileSync(join(packaged.folder, 'uploaded', `${name}.zip`)).equals(built), name).toBe(true);
    }
    expect(account.stack('patrol-dev')?.status).toBe('UPDATE_COMPLETE');
  });

  it('leaves functions in the account that answer a person', async () => {
    await sandbox?.pat('list dfns-demo');
    expect((await sandbox?.said(/\d+ tokens, 1 profile/))?.text).toBeDefined();
  });

  it('leaves functions in the account that kill a leaked token', async () => {
    const token = await sandbox?.token('prod-tracing');
    await sandbox?.post('leak', { tokenId: token?.id, source: 'generic' });
    await sandbox?.until('the token to be inactive', async () =>
      (await sandbox?.tokens())?.some(({ id, state }) => id === token?.id && state === 'inactive'),
    );
    expect(token).toBeDefined();
  });
});
