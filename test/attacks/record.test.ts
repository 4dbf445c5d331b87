import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect } from 'vitest';
import { compareRecord } from '#infra/setup/compare-record.ts';
import { tryParseJson } from '#shared/core/try-parse-json.ts';
import type { Recorded } from '#shared/store/digest-of.ts';
import { copyKeys, createAuditLog, entryKey } from '#shared/store/dynamo/audit-log.ts';
import { createItems } from '#shared/store/dynamo/items.ts';
import { pack, unpack } from '#shared/store/dynamo/packed.ts';
import type { AuditEntry } from '#shared/store/store.ts';
import { attack } from '#test/support/attack.ts';
import type { TestSandbox } from '#test/support/sandbox.ts';
import { sharedSandbox } from '#test/support/shared-sandbox.ts';
import { createTalk, type Talk } from '#test/support/slack-talk.ts';

let sandbox: TestSandbox;
let talk: Talk;
let client: DynamoDBDocumentClient;
const TableName = 'patrol-sandbox';

beforeAll(async () => {
  sandbox = await sharedSandbox();
  talk = createTalk(sandbox);
  client = DynamoDBDocumentClient.from(
    new DynamoDBClient({
      region: 'eu-central-1',
      endpoint: sandbox.ready.aws.dynamodb,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    }),
    { marshallOptions: { removeUndefinedValues: true } },
  );
});

/** What the logs told of the record, and what the table says now. */
async function compared() {
  const items = createItems({ client, table: TableName, sleep, newId: randomUUID });
  const told = (await sandbox.logs()).flatMap(({ text }) => {
    const line = tryParseJson(text) as (Partial<Recorded> & { event?: string }) | undefined;
    const { entry, digest } = line ?? {};
    return line?.event?.startsWith('recorded') === true && entry !== undefined && digest !== undefined
      ? [{ entry, digest }]
      : [];
  });
  return compareRecord({
    told,
    stored: await createAuditLog({ items }).query({ limit: 10_000 }),
    read: async (key) => unpack<AuditEntry>((await items.get(key))?.body),
  });
}

attack(
  {
    name: 'record-overwritten',
    finding: 24,
    does: 'takes a worker and puts another person over entries of the record, or an end that lets the table forget them, which no right forbids',
    holds:
      'each entry was told to the log when it was stored, where no function can change it, and the comparison names what was touched',
    without: [
      {
        file: 'functions/runtime/recorded-fields.ts',
        replace: '...names, ...recorded }',
        by: '...names }',
      },
    ],
  },
  async () => {
    const tokens = [await talk.mint('overwritten'), await talk.mint('forgotten'), await talk.mint('found-no-more')];
    for (const { id } of tokens) await talk.ask(`deactivate ${id} left in cab`, 'admin', { fits: /Deactivated/ });
    await talk.idle();
    const items = createItems({ client, table: TableName, sleep, newId: randomUUID });
    const entries = await createAuditLog({ items }).query({ limit: 10_000 });
    const kills = tokens.map(
      ({ id }) => entries.find(({ what, token }) => what === 'deactivate' && token?.id === id) ?? expect.fail(id),
    );
    expect(await compared()).toEqual([]);
    const put = (item: object) => client.send(new PutCommand({ TableName, Item: item }));
    const [changed, forgotten, unfound] = kills;
    const other: AuditEntry = { ...changed!, actor: { userId: 'U0VIEWER001', teamId: 'T0SANDBOX01' } };
    await put({ ...(await items.get(entryKey(changed!.id))), body: pack(other) });
    // The table deletes by itself what has an end.
    await put({ ...entryKey(forgotten!.id), ttl: 1 });
    await put({ ...copyKeys(unfound!)[0], body: pack({ ...unfound!, reason: 'as agreed' }) });
    const found = await compared();
    expect(found).toEqual(
      expect.arrayContaining([
        { entry: changed!.id, kind: 'changed' },
        { entry: forgotten!.id, kind: 'gone' },
        { entry: unfound!.id, kind: 'copy' },
      ]),
    );
    expect(found).toHaveLength(3);
  },
);
