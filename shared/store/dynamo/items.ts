import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
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
  /** Numeric attributes that go up by one. */
  readonly increment?: keyof Item;
}

/** The table, item by item. Whatever AWS throws becomes `store_unavailable`; a condition that is not met is an answer. */
export interface Items {
  /** Reads one item, strongly consistent. */
  get(key: ItemKey): Promise<Item | undefined>;
  /** Replaces one item; false when the condition is not met. */
  put(item: Item, condition?: Condition): Promise<boolean>;
  /** Changes some attributes and returns the whole item; `undefined` when the condition is not met. */
  update(key: ItemKey, update: Update, condition: Condition): Promise<Item | undefined>;
  /** Removes one item; false when the condition is not met. */
  remove(key: ItemKey, condition: Condition): Promise<boolean>;
  /** Reads a range page by page, as far as the caller goes on asking. */
  query(range: Range): AsyncGenerator<Item, void, void>;
}

/** Reaches the items of one table through a document client. */
export function createItems(client: DynamoDBDocumentClient, table: string): Items {
  const TableName = table;
  return {
    async get(key) {
      const command = new GetCommand({ TableName, Key: keyOf(key), ConsistentRead: true });
      const { Item: item } = await reach('get', () => client.send(command));
      return item as Item | undefined;
    },
    async put(item, condition) {
      const command = new PutCommand({ TableName, Item: defined(item), ...(condition && conditional(condition)) });
      return (await unlessUnmet('put', () => client.send(command))) !== undefined;
    },
    async update(key, { set, increment }, condition) {
      const entries = Object.entries(defined(set));
      const sets = entries.map(([name]) => `#${name} = :set_${name}`).join(', ');
      const add = increment === undefined ? '' : ` ADD #${increment} :one`;
      const values = Object.fromEntries(entries.map(([name, value]) => [`:set_${name}`, value]));
      const command = new UpdateCommand({
        TableName,
        Key: keyOf(key),
        UpdateExpression: `SET ${sets}${add}`,
        ConditionExpression: condition.expression,
        ExpressionAttributeNames: namesIn(sets + add + condition.expression),
        ExpressionAttributeValues: { ...valuesOf(condition), ...values, ...(increment && { ':one': 1 }) },
        ReturnValues: 'ALL_NEW',
      });
      return (await unlessUnmet('update', () => client.send(command)))?.Attributes as Item | undefined;
    },
    async remove(key, condition) {
      const command = new DeleteCommand({ TableName, Key: keyOf(key), ...conditional(condition) });
      return (await unlessUnmet('delete', () => client.send(command))) !== undefined;
    },
    async *query({ pk, index = false, from = '', newestFirst = false, pageSize }) {
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
    },
  };
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

/** The one AWS error that is an answer: somebody else was there first. */
async function unlessUnmet<T>(operation: string, call: () => Promise<T>): Promise<T | undefined> {
  return reach(operation, async () => {
    try {
      return await call();
    } catch (error) {
      if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return undefined;
      throw error;
    }
  });
}

function keyOf({ pk, sk }: ItemKey) {
  return { pk, sk };
}
