import { type DynamoDBDocumentClient, GetCommand, PutCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningTable, startTable } from '#test/support/dynalite.ts';

let running: RunningTable;
let client: DynamoDBDocumentClient;
beforeAll(async () => {
  running = await startTable();
  ({ client } = running);
});
afterAll(() => running.close());

const keyOf = (pk: string) => ({ pk, sk: 'x' });
const put = (pk: string, more: object = {}) => ({
  Put: { TableName: running.table, Item: { ...keyOf(pk), ...more } },
});
const isNew = (pk: string) => ({
  Put: { ...put(pk).Put, ConditionExpression: 'attribute_not_exists(pk)' },
});
const transact = (TransactItems: readonly object[], ClientRequestToken?: string) =>
  client.send(
    new TransactWriteCommand({
      TransactItems: [...TransactItems] as never,
      ...(ClientRequestToken && { ClientRequestToken }),
    }),
  );
const read = async (pk: string) =>
  (await client.send(new GetCommand({ TableName: running.table, Key: keyOf(pk) }))).Item;

it('does all writes of a transaction, or none, and tells which condition was not met', async () => {
  await transact([put('a', { n: 1 }), isNew('b')]);
  expect([await read('a'), await read('b')]).toEqual([{ ...keyOf('a'), n: 1 }, keyOf('b')]);
  await expect(
    transact([
      put('a', { n: 2 }),
      put('c'),
      isNew('b'),
      {
        Update: {
          ...{ TableName: running.table, Key: keyOf('d'), UpdateExpression: 'SET n = :n' },
          ExpressionAttributeValues: { ':n': 1 },
        },
      },
    ]),
  ).rejects.toMatchObject({
    name: 'TransactionCanceledException',
    CancellationReasons: ['None', 'None', 'ConditionalCheckFailed', 'None'].map((Code) => ({ Code })),
  });
  expect([await read('a'), await read('c'), await read('d')]).toEqual([{ ...keyOf('a'), n: 1 }, undefined, undefined]);
});

it('tells the item that did not meet the condition of a write, where it is asked to', async () => {
  const telling = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
  await client.send(new PutCommand(put('met', { n: 1 }).Put));
  const Item = { pk: { S: 'met' }, sk: { S: 'x' }, n: { N: '1' } };
  const alone = new PutCommand({ ...isNew('met').Put, ...telling });
  await expect(client.send(alone)).rejects.toMatchObject({ name: 'ConditionalCheckFailedException', Item });
  const untold = await client.send(new PutCommand(isNew('met').Put)).catch((error: unknown) => error);
  expect(untold).toMatchObject({ name: 'ConditionalCheckFailedException' });
  expect(untold).not.toHaveProperty('Item.pk');
  await expect(transact([put('free'), { Put: { ...isNew('met').Put, ...telling } }])).rejects.toMatchObject({
    CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed', Item }],
  });
  // Nothing was there that could be told.
  const gone = { ...put('gone').Put, ConditionExpression: 'attribute_exists(pk)', ...telling };
  await expect(client.send(new PutCommand(gone))).rejects.not.toHaveProperty('Item.pk');
});

it('refuses many who write the same item at once, all by the one that was first', async () => {
  const telling = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
  const won = await Promise.allSettled(
    Array.from({ length: 20 }, (_, n) => {
      const { Put } = put('race', { n });
      const condition = { ConditionExpression: 'attribute_not_exists(pk)', ...telling };
      return n % 4 === 0
        ? transact([put(`beside-${n}`), { Put: { ...Put, ...condition } }])
        : client.send(new PutCommand({ ...Put, ...condition }));
    }),
  );
  const winner = won.findIndex(({ status }) => status === 'fulfilled');
  expect(won.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const told = won.flatMap((result) => (result.status === 'rejected' ? [result.reason as Record<string, any>] : []));
  const items = told.map(({ Item, CancellationReasons }) => Item ?? CancellationReasons[1].Item);
  expect(items).toEqual(items.map(() => ({ pk: { S: 'race' }, sk: { S: 'x' }, n: { N: String(winner) } })));
});

it('does a request once, however often it comes', async () => {
  await transact([isNew('once')], 'token-1');
  await transact([isNew('once')], 'token-1');
  await expect(transact([isNew('once')], 'token-2')).rejects.toThrow('ConditionalCheckFailed');
});

it('refuses two writes of one item', async () => {
  await expect(transact([put('twice'), isNew('twice')])).rejects.toMatchObject({ name: 'ValidationException' });
});

it('does transactions one after the other, and other writes between them', async () => {
  await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      n % 2 === 0
        ? transact([put('left', { n }), put('right', { n })])
        : client.send(new PutCommand(put(`other-${n}`, { n }).Put)),
    ),
  );
  const [left, right] = [await read('left'), await read('right')];
  expect(left?.['n']).toBe(right?.['n']);
  expect(await read('other-19')).toEqual({ ...keyOf('other-19'), n: 19 });
});
