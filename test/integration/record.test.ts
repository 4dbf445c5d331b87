import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { copyKeys, createAuditLog, entryKey } from '#shared/store/dynamo/audit-log.ts';
import { loadPolicy } from '#infra/policy.ts';
import { recordedFields } from '#functions/runtime/recorded-fields.ts';
import { createItems } from '#shared/store/dynamo/items.ts';
import { pack } from '#shared/store/dynamo/packed.ts';
import type { AuditEntry } from '#shared/store/store.ts';
import { auditEntry } from '#test/contract/kept-suite.ts';
import { type RunningTable, startTable } from '#test/support/dynalite.ts';
import { copyProject, type Ran } from '#test/support/project-copy.ts';
import { type Account, startAccount } from '#test/support/rehearsal/account.ts';

const policy = loadPolicy();
const project = copyProject();
const groups: Record<string, string[]> = {};
const groupOf = (name: string): string[] => (groups[`/aws/lambda/patrol-test-${name}`] ??= []);
let account: Account;
let table: RunningTable;
let entries: readonly AuditEntry[];

beforeAll(async () => {
  [account, table] = await Promise.all([startAccount({ logs: groups }), startTable()]);
  const told = groupOf('slack-worker');
  const log = createAuditLog({
    items: createItems({ ...table, sleep, newId: randomUUID }),
    recorded: (entry, isNew) => told.push(JSON.stringify(recordedFields(policy, entry, isNew))),
  });
  const at = new Date(Date.now() - 3_600_000).toISOString();
  const token = { profile: 'one', id: 'to-1' };
  const people = { admin: { userId: 'U1', teamId: 'T1' }, viewer: { userId: 'U2', teamId: 'T1' } };
  entries = ['a', 'b', 'c'].map((id) => auditEntry({ id, at, token, actor: people.admin, what: 'deactivate' }));
  for (const entry of entries) await log.append(entry);
  // A repeated job tells the same again, of another time: what was stored counts.
  await log.append({ ...entries[0]!, at: new Date().toISOString() });
  groupOf('alert-worker');
  groupOf('hygiene');
});
afterAll(async () => {
  project.remove();
  await Promise.all([account.close(), table.close()]);
});

const record = (...args: readonly string[]): Promise<Ran> =>
  project.run('infra/setup/record.ts', ['--stage', 'test', ...args], {
    AWS_ENDPOINT_URL: account.url,
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
    AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
  });
const put = (item: object) => table.client.send(new PutCommand({ TableName: table.table, Item: item }));

describe('npm run record', { timeout: 30_000 }, () => {
  it('says that every entry is as it was stored', async () => {
    const { code, out } = await record();
    expect(code, out).toBe(0);
    expect(out).toContain('✔ 3 entries of 30 days, each as it was stored.');
  });

  it('names what was changed, taken out, put in, or hidden from who looks for it', async () => {
    const [changed, gone, hidden] = entries;
    const index = { gsi1pk: `audit#day#${changed!.at.slice(0, 10)}`, gsi1sk: `${changed!.at}#a` };
    await put({ ...entryKey('a'), ...index, body: pack({ ...changed!, reason: 'as agreed' }) });
    await put({ ...entryKey(gone!.id), ttl: 1 });
    await put({ ...copyKeys(hidden!)[0], body: pack({ ...hidden!, what: 'activate' }) });
    await put({ ...entryKey('x'), ...index, gsi1sk: `${changed!.at}#x`, body: pack({ ...changed!, id: 'x' }) });
    const { code, out } = await record('--days', '90');
    expect(code).toBe(1);
    expect(out).toContain('✖ a says something else than when it was stored');
    expect(out).toContain('✖ b was stored and is not there any more');
    expect(out).toContain('✖ c is whole, but a copy of it, by which it is found, is not');
    expect(out).toContain('✖ x is there, and no function has told of it');
    expect(out).toContain('4 entries do not agree');
  });

  it('believes no second word about an entry', async () => {
    const forged = JSON.stringify({ event: 'recorded', entry: 'c', digest: 'of-what-was-put-over-it' });
    groupOf('hygiene').push(forged);
    expect((await record()).out).toContain('✖ c says something else');
  });

  it.each([
    [['--days', '91'], '--days is a number from 1 to 90.'],
    [['--days', 'many'], '--days is a number from 1 to 90.'],
    [['--stage', 'other'], 'The log /aws/lambda/patrol-other-slack-worker cannot be read (ResourceNotFoundException)'],
  ])('stops at %j', async (args, words) => {
    const { code, out } = await record(...args);
    expect(code).toBe(1);
    expect(out).toContain(words);
  });
});
