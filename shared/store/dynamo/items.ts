import {
  BatchGetCommand,
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { allEnded } from '#shared/core/all-ended.ts';
import { defined } from '#shared/core/defined.ts';
import { Fault } from '#shared/core/fault.ts';
import { type Condition, conditional, namesIn, valuesOf } from './condition.ts';
import type { ItemKey } from './keys.ts';
import type { Packed } from './packed.ts';
import { INDEX } from './table-schema.ts';

/** Every attribute that an item of ours may have. */
export interface Item extends ItemKey {
  readonly gsi1pk?: string | undefined;
  readonly gsi1sk?: string | undefined;
  /** Epoch seconds after which the item no longer counts. */
  readonly ttl?: number | undefined;
  readonly state?: 'running' | 'released' | 'done' | undefined;
  /** Which run or write put the item into its present state; tells our own write apart when its answer was lost. */
  readonly by?: string | undefined;
  /** Epoch milliseconds. */
  readonly leaseUntil?: number | undefined;
  readonly attempt?: number | undefined;
  readonly version?: number | undefined;
  readonly name?: string | undefined;
  /** How many calls to a provider each side has made. */
  readonly people?: number | undefined;
  readonly alerts?: number | undefined;
  readonly body?: Packed | undefined;
}

interface Range {
  readonly pk: string;
  /** The index instead of the table; it may lag behind by a moment. */
  readonly index?: boolean;
  /** Sort keys from this one on. */
  readonly from?: string | undefined;
  readonly newestFirst?: boolean;
  readonly pageSize?: number;
}

interface Update {
  readonly set: Partial<Item>;
  /** A numeric attribute that goes up, by one or by this step. */
  readonly increment?: keyof Item;
  readonly step?: number;
}

/** One write among several that happen together or not at all. */
export type ItemWrite =
  | { readonly put: Item; readonly condition?: Condition | undefined }
  | ({ readonly update: ItemKey; readonly condition: Condition } & Update)
  | { readonly remove: ItemKey; readonly condition: Condition };

/** What came of a write: the whole item as it is then, or as it was in the moment in which it did not meet the condition. */
export interface WriteAnswer {
  readonly isMet: boolean;
  readonly item: Item | undefined;
}

/** One of several writes whose condition is not met: its place among them, and the item as it was in that moment. */
export interface Unmet {
  readonly place: number;
  readonly item: Item | undefined;
}

/** The table, item by item. Whatever AWS throws becomes `store_unavailable`; a condition that is not met is an answer. */
export interface Items {
  /** Reads one item, strongly consistent. Those that are asked for at the same moment are one call. */
  get(key: ItemKey): Promise<Item | undefined>;
  /** Replaces one item. */
  put(item: Item, condition?: Condition): Promise<WriteAnswer>;
  /** Changes some attributes. */
  update(key: ItemKey, update: Update, condition?: Condition): Promise<WriteAnswer>;
  /** Removes one item; false when the condition is not met. */
  remove(key: ItemKey, condition: Condition): Promise<boolean>;
  /**
   * Does all of these writes, or none: then it gives those whose condition is not met. Each is of another item, and one
   * whose answer was lost is not done twice.
   */
  all(writes: readonly ItemWrite[]): Promise<readonly Unmet[] | 'done'>;
  /** Reads a range page by page, as far as the caller goes on asking. */
  query(range: Range): AsyncGenerator<Item, void, void>;
}

interface ItemsDeps {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly newId: () => string;
}

/** Reaches the items of one table through a document client. */
export function createItems({ client, table, sleep, newId }: ItemsDeps): Items {
  const TableName = table;
  const insist = <T>(operation: string, call: () => Promise<T>) =>
    reach(operation, () => unlessInConflict(sleep, call));
  return {
    get: createGet(client, table),
    async put(item, condition) {
      const command = new PutCommand({ TableName, ...putting(item, condition) });
      return insist('put', () => unlessUnmet(() => client.send(command).then(() => item)));
    },
    async update(key, update, condition) {
      const ReturnValues = 'ALL_NEW';
      const command = new UpdateCommand({ TableName, ...updating(key, update, condition), ReturnValues });
      const change = () => client.send(command).then(({ Attributes }) => Attributes as Item | undefined);
      return insist('update', () => unlessUnmet(change));
    },
    async remove(key, condition) {
      const command = new DeleteCommand({ TableName, ...removing(key, condition) });
      return (await insist('delete', () => unlessUnmet(() => client.send(command).then(() => undefined)))).isMet;
    },
    async all(writes) {
      const [only, ...others] = writes;
      if (only === undefined) return 'done';
      if (others.length === 0) {
        const { isMet, item } = await alone(this, only);
        return isMet ? 'done' : [{ place: 0, item }];
      }
      const ClientRequestToken = newId();
      const TransactItems = writes.map((write) => transacting(TableName, write));
      return insist('transaction', async () => {
        try {
          await client.send(new TransactWriteCommand({ ClientRequestToken, TransactItems }));
          return 'done';
        } catch (error) {
          const unmet = unmetIn(error);
          if (unmet.length === 0) throw error;
          return unmet;
        }
      });
    },
    query: createQuery(client, table),
  };
}

function createQuery(client: DynamoDBDocumentClient, TableName: string): Items['query'] {
  return async function* query({ pk, index = false, from = '', newestFirst = false, pageSize }) {
    const [partition, sort] = index ? ['#gsi1pk', '#gsi1sk'] : ['#pk', '#sk'];
    const expression = from === '' ? `${partition} = :pk` : `${partition} = :pk AND ${sort} >= :from`;
    let next: Record<string, unknown> | undefined;
    do {
      const command = new QueryCommand({
        TableName,
        KeyConditionExpression: expression,
        ExpressionAttributeNames: namesIn(expression),
        ExpressionAttributeValues: { ':pk': pk, ...(from === '' ? {} : { ':from': from }) },
        ScanIndexForward: !newestFirst,
        ...(index ? { IndexName: INDEX } : { ConsistentRead: true }),
        ...defined({ Limit: pageSize }),
        ...(next && { ExclusiveStartKey: next }),
      });
      const page = await reach('query', () => client.send(command));
      yield* (page.Items ?? []) as Item[];
      next = page.LastEvaluatedKey;
    } while (next !== undefined);
  };
}

function putting(item: Item, condition?: Condition) {
  return { Item: defined(item), ...(condition && { ...conditional(condition), ...TELLING }) };
}

function removing(key: ItemKey, condition: Condition) {
  return { Key: keyOf(key), ...conditional(condition) };
}

function transacting(
  TableName: string,
  write: ItemWrite,
): NonNullable<TransactWriteCommandInput['TransactItems']>[number] {
  if ('put' in write) return { Put: { TableName, ...putting(write.put, write.condition) } };
  if ('remove' in write) return { Delete: { TableName, ...removing(write.remove, write.condition) } };
  return { Update: { TableName, ...updating(write.update, write, write.condition) } };
}

/** A condition that is not met tells by what: no read after it, which would see what came since. */
const TELLING = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;

/** Does one write that needs no other. */
async function alone(items: Items, write: ItemWrite): Promise<WriteAnswer> {
  if ('put' in write) return items.put(write.put, write.condition);
  if ('remove' in write) return { isMet: await items.remove(write.remove, write.condition), item: undefined };
  return items.update(write.update, write, write.condition);
}

/** An update as the parameters of a command. */
function updating(key: ItemKey, { set, increment, step = 1 }: Update, condition?: Condition) {
  const entries = Object.entries(defined(set));
  const sets = entries.map(([name]) => `#${name} = :set_${name}`).join(', ');
  const add = increment === undefined ? '' : ` ADD #${increment} :step`;
  const values = Object.fromEntries(entries.map(([name, value]) => [`:set_${name}`, value]));
  return {
    Key: keyOf(key),
    UpdateExpression: `SET ${sets}${add}`,
    ExpressionAttributeNames: namesIn(sets + add + (condition?.expression ?? '')),
    ExpressionAttributeValues: { ...valuesOf(condition ?? {}), ...values, ...(increment && { ':step': step }) },
    ...(condition && { ConditionExpression: condition.expression, ...TELLING }),
  };
}

/** Most items that DynamoDB reads in one call. */
const MOST_READ = 100;

interface Asked {
  readonly key: ItemKey;
  readonly answer: (item: Promise<Item | undefined>) => void;
}

/** Reads items; those that are asked for before anything else happens are read by one call. */
function createGet(client: DynamoDBDocumentClient, TableName: string): Items['get'] {
  let waiting: Asked[] = [];

  async function getOne(key: ItemKey): Promise<Item | undefined> {
    const command = new GetCommand({ TableName, Key: keyOf(key), ConsistentRead: true });
    const { Item: item } = await reach('get', () => client.send(command));
    return item as Item | undefined;
  }
  async function getMany(keys: ReadonlyMap<string, ItemKey>): Promise<ReadonlyMap<string, Item>> {
    const RequestItems = { [TableName]: { Keys: [...keys.values()].map(keyOf), ConsistentRead: true } };
    const { Responses = {}, UnprocessedKeys = {} } = await reach('get', () =>
      client.send(new BatchGetCommand({ RequestItems })),
    );
    const left = await allEnded((UnprocessedKeys[TableName]?.Keys ?? []).map((key) => getOne(key as ItemKey)));
    const found = [...((Responses[TableName] ?? []) as Item[]), ...left.filter((item) => item !== undefined)];
    return new Map(found.map((item) => [nameOf(item), item]));
  }
  function read(asked: readonly Asked[]): void {
    const keys = new Map(asked.map(({ key }) => [nameOf(key), key]));
    const [only, ...others] = keys.values();
    if (only === undefined) return;
    if (others.length === 0) {
      const one = getOne(only);
      for (const { answer } of asked) answer(one);
      return;
    }
    const many = getMany(keys);
    for (const { key, answer } of asked) answer(many.then((found) => found.get(nameOf(key))));
  }
  async function flush(): Promise<void> {
    // Whoever asks in the same turn has a few steps of its own before it does.
    for (let step = 0; step < TURNS; step += 1) await Promise.resolve();
    const asked = waiting;
    waiting = [];
    for (let at = 0; at < asked.length; at += MOST_READ) read(asked.slice(at, at + MOST_READ));
  }
  return (key) =>
    new Promise((resolve) => {
      waiting.push({ key, answer: resolve });
      if (waiting.length === 1) void flush();
    });
}

/** How many steps of promises count as the same moment. */
const TURNS = 10;

function nameOf({ pk, sk }: ItemKey): string {
  return JSON.stringify([pk, sk]);
}

async function reach<T>(operation: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    throw new Fault('store_unavailable', `table ${operation}: ${cause instanceof Error ? cause.name : 'unknown'}`, {
      cause,
    });
  }
}

const CONFLICT_PAUSES_MS = [10, 25, 60, 150, 300];

/** Tries again what DynamoDB did not do because another write of the same item was under way. */
async function unlessInConflict<T>(sleep: (milliseconds: number) => Promise<void>, call: () => Promise<T>): Promise<T> {
  for (const pause of CONFLICT_PAUSES_MS) {
    try {
      return await call();
    } catch (error) {
      if (!isConflict(error)) throw error;
      await sleep(pause);
    }
  }
  return call();
}

function isConflict(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'TransactionConflictException') return true;
  return reasonsOf(error).some(({ Code }) => Code === 'TransactionConflict');
}

/** The writes of a transaction whose condition was not met; none where something else stopped it. */
function unmetIn(error: unknown): readonly Unmet[] {
  return reasonsOf(error).flatMap(({ Code, Item: item }, place) =>
    Code === 'ConditionalCheckFailed' ? [{ place, item: toItem(item) }] : [],
  );
}

interface Reason {
  readonly Code?: string;
  readonly Item?: Stored;
}

function reasonsOf(error: unknown): readonly Reason[] {
  if (!(error instanceof Error) || error.name !== 'TransactionCanceledException') return [];
  const { CancellationReasons = [] } = error as Error & { readonly CancellationReasons?: readonly Reason[] };
  return CancellationReasons;
}

/** The one AWS error that is an answer: somebody else was there first. */
async function unlessUnmet(call: () => Promise<Item | undefined>): Promise<WriteAnswer> {
  try {
    return { isMet: true, item: await call() };
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') throw error;
    return { isMet: false, item: toItem((error as Error & { readonly Item?: Stored }).Item) };
  }
}

type Stored = Readonly<Record<string, AttributeValue>>;

/** In an error AWS's document client leaves an item as DynamoDB sends it. An attribute of ours is a text, a number or bytes. */
function toItem(stored: Stored | undefined): Item | undefined {
  if (stored === undefined) return undefined;
  const plain = Object.entries(stored).map(([name, { S, N, B }]) => [name, S ?? B ?? Number(N)] as const);
  return Object.fromEntries(plain) as Partial<Item> as Item;
}

function keyOf({ pk, sk }: ItemKey) {
  return { pk, sk };
}
