import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { holds, update } from './expressions.ts';
import type { World } from './world.ts';

export type Row = Readonly<Record<string, unknown>>;

interface Stored {
  readonly row: Row | undefined;
  /** What the index still shows until then. */
  readonly before: Row | undefined;
  readonly indexedAt: number;
}

/** One call of the document client. */
export interface TableCall {
  readonly kind: string;
  readonly input: Readonly<Record<string, any>>;
}

export interface SimTable {
  readonly client: DynamoDBDocumentClient;
  rows(): readonly Row[];
  /** Runs of work for which the table has refused to renew a lease. */
  readonly unrenewed: ReadonlySet<number>;
  /** When each run of work took what it is to be alone with: its job, or a key. */
  readonly taken: ReadonlyMap<number, number>;
  /** When the present run of work asked last for a lease of its job, or to renew it by itself: not along with what it notes. */
  leasedAt(): number | undefined;
}

/** An item ends here. */
const MOST_BYTES = 400_000;
const PAGE_BYTES = 1_000_000;
const LAG_MS = 1500;

const named = (name: string) => Object.assign(new Error(name), { name });
const keyOf = (row: Row) => `${String(row['pk'])}\u0000${String(row['sk'])}`;
const without = (row: Row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined));

/** What a refusal tells where it was asked to: AWS's document client leaves it as it was sent. */
const telling = (input: TableCall['input'], item: Row | undefined) =>
  input['ReturnValuesOnConditionCheckFailure'] === 'ALL_OLD' && item !== undefined ? { Item: asSent(item) } : {};

const asSent = (item: Row) =>
  Object.fromEntries(
    Object.entries(item).map(([name, value]) => {
      if (typeof value === 'number') return [name, { N: String(value) }];
      return [name, typeof value === 'string' ? { S: value } : { B: value }];
    }),
  );

/** The partition of a call's first item. */
function pkOf(input: TableCall['input']): string {
  const [batch] = Object.values<any>(input['RequestItems'] ?? {});
  const [write] = Object.values<any>(input['TransactItems']?.[0] ?? {});
  const one = write ?? input;
  const key = one.Key ?? one.Item ?? batch?.Keys[0] ?? { pk: input['ExpressionAttributeValues']?.[':pk'] };
  return String(key.pk);
}

/** True for a write by which a lease is taken or renewed. */
const isLease = (kind: string, input: TableCall['input']): boolean =>
  kind === 'UpdateCommand' && /^(job|lock)#/.test(String(input['Key']?.pk));

const present = (rows: readonly (Row | undefined)[]): Row[] => rows.filter((row) => row !== undefined);

function sizeOf(row: Row): number {
  return Object.entries(row).reduce((sum, [name, value]) => {
    const size = value instanceof Uint8Array ? value.byteLength : String(value).length;
    return sum + name.length + size;
  }, 0);
}

/**
 * A table that keeps DynamoDB's words: conditions, size limits, pages, an index that lags behind. Its client repeats a
 * call whose answer was lost, as AWS's own does, so that a write may meet itself.
 */
export function createTable(world: World, look: (row: Row) => void): SimTable {
  const unrenewed = new Set<number>();
  const taken = new Map<number, number>();
  const leased = new Map<number, number>();
  const partitions = new Map<string, Map<string, Stored>>();

  const all = () => [...partitions.values()].flatMap((partition) => [...partition.values()]);
  const find = (key: Row): Row | undefined => partitions.get(String(key['pk']))?.get(keyOf(key))?.row;
  const write = (key: Row, row: Row | undefined): void => {
    if (row !== undefined && sizeOf(row) > MOST_BYTES) throw named('ValidationException');
    const pk = String(key['pk']);
    const partition = partitions.get(pk) ?? new Map<string, Stored>();
    partitions.set(pk, partition);
    const lag = Math.floor(LAG_MS * world.chance.draw('index') ** 4);
    partition.set(keyOf(key), { row, before: find(key), indexedAt: world.now() + lag });
    if (row !== undefined) look(row);
  };
  const change = (input: TableCall['input'], key: Row, next: () => Row | undefined): void => {
    const names = input['ExpressionAttributeNames'] ?? {};
    const values = input['ExpressionAttributeValues'] ?? {};
    if (!holds(input['ConditionExpression'], { item: find(key), names, values })) {
      world.occur('table: a condition refuses a write');
      throw Object.assign(named('ConditionalCheckFailedException'), telling(input, find(key)));
    }
    write(key, next());
  };
  const seen = (pk: string, isIndex: boolean): Row[] => {
    if (!isIndex) return present([...(partitions.get(pk)?.values() ?? [])].map(({ row }) => row));
    const shown = all().map(({ row, before, indexedAt }) => {
      if (indexedAt <= world.now()) return row;
      if ([row, before].some((one) => one?.['gsi1pk'] === pk)) world.occur('table: the index lags behind what is read');
      return before;
    });
    return present(shown).filter((row) => row['gsi1pk'] === pk);
  };
  const query = (input: TableCall['input']) => {
    const values = input['ExpressionAttributeValues'] as Row;
    const sort = input['IndexName'] === undefined ? 'sk' : 'gsi1sk';
    const from = (values[':from'] as string | undefined) ?? '';
    const order = input['ScanIndexForward'] === false ? -1 : 1;
    const found = seen(String(values[':pk']), input['IndexName'] !== undefined)
      .filter((row) => String(row[sort]) >= from)
      .sort((left, right) => order * (String(left[sort]) < String(right[sort]) ? -1 : 1));
    const start = input['ExclusiveStartKey'] as Row | undefined;
    const first = start === undefined ? 0 : found.findIndex((row) => keyOf(row) === keyOf(start)) + 1;
    let bytes = 0;
    const page = found.slice(first, first + Number(input['Limit'] ?? found.length)).filter((row) => {
      bytes += sizeOf(row);
      return bytes <= PAGE_BYTES;
    });
    const last = page.at(-1);
    const isMore = last !== undefined && first + page.length < found.length;
    return { Items: page, ...(isMore ? { LastEvaluatedKey: { pk: last['pk'], sk: last['sk'] } } : {}) };
  };
  const batch = (asked: Readonly<Record<string, { readonly Keys: readonly Row[] }>>) => ({
    Responses: Object.fromEntries(
      Object.entries(asked).map(([table, { Keys }]) => [table, present(Keys.map((key) => find(key)))]),
    ),
  });
  const tokens = new Set<string>();
  /** All of its writes or none; a request that was done before changes nothing more. */
  const transact = ({ ClientRequestToken, TransactItems }: TableCall['input']): unknown => {
    if (tokens.has(ClientRequestToken as string)) return {};
    // Another write of one of its items was under way.
    if (world.chance.draw('table conflict') > 0.98) {
      throw Object.assign(named('TransactionCanceledException'), {
        CancellationReasons: [{ Code: 'TransactionConflict' }],
      });
    }
    const writes = (TransactItems as readonly Row[]).map((write): TableCall => {
      const [[kind, input] = ['', {}]] = Object.entries(write);
      return { kind: `${kind}Command`, input: input as TableCall['input'] };
    });
    const keys = writes.map(({ input }) => (input['Key'] ?? input['Item']) as Row);
    if (new Set(keys.map(keyOf)).size < keys.length) throw named('ValidationException');
    const isMet = ({ input }: TableCall, index: number) =>
      holds(input['ConditionExpression'], {
        item: find(keys[index]!),
        names: input['ExpressionAttributeNames'] ?? {},
        values: input['ExpressionAttributeValues'] ?? {},
      });
    const reasons = writes.map((write, index) =>
      isMet(write, index)
        ? { Code: 'None' }
        : { Code: 'ConditionalCheckFailed', ...telling(write.input, find(keys[index]!)) },
    );
    if (reasons.some(({ Code }) => Code !== 'None')) {
      throw Object.assign(named('TransactionCanceledException'), { CancellationReasons: reasons });
    }
    for (const write of writes) apply(write);
    tokens.add(ClientRequestToken as string);
    return {};
  };
  const apply = ({ kind, input }: TableCall): unknown => {
    switch (kind) {
      case 'GetCommand':
        return { Item: find(input['Key']) };
      case 'PutCommand': {
        const item = without(input['Item']);
        change(input, item, () => item);
        return {};
      }
      case 'DeleteCommand':
        change(input, input['Key'], () => undefined);
        return {};
      case 'UpdateCommand': {
        const item = find(input['Key']) ?? input['Key'];
        const values = input['ExpressionAttributeValues'] ?? {};
        const fresh = () =>
          update(input['UpdateExpression'], { item, names: input['ExpressionAttributeNames'], values });
        change(input, input['Key'], fresh);
        return { Attributes: find(input['Key']) };
      }
      case 'QueryCommand':
        return query(input);
      case 'BatchGetCommand':
        return batch(input['RequestItems']);
      case 'TransactWriteCommand':
        return transact(input);
      default:
        throw new Error(`the table does not know ${kind}`);
    }
  };
  const noteTaken = ({ kind, input }: TableCall): void => {
    const turn = world.turn();
    if (turn === undefined || taken.has(turn) || !isLease(kind, input)) return;
    taken.set(turn, world.now());
  };
  const refuse = ({ kind, input }: TableCall): never => {
    world.occur('table: a call is throttled');
    const turn = world.turn();
    if (turn !== undefined && isLease(kind, input)) unrenewed.add(turn);
    throw named('ProvisionedThroughputExceededException');
  };
  const send = async (command: { readonly constructor: { readonly name: string }; readonly input: any }) => {
    const call = { kind: command.constructor.name, input: command.input };
    const pk = pkOf(call.input);
    const turn = world.turn();
    if (turn !== undefined && isLease(call.kind, call.input) && pk.startsWith('job#')) leased.set(turn, world.now());
    const name = `${call.kind.replace('Command', '').toLowerCase()} ${pk.split('#')[0]}`;
    const answer = await world.effect<() => unknown>({
      neighbour: 'table',
      name,
      work: () => {
        try {
          const value = apply(call);
          noteTaken(call);
          return () => value;
        } catch (error) {
          return () => {
            throw error;
          };
        }
      },
      unanswered: (when) => {
        if (when === 'before' || world.chance.draw('table gives up') < 0.2) return refuse(call);
        // AWS's client sends the very same call again.
        world.occur('table: a write meets itself again');
        return () => apply(call);
      },
    });
    return answer();
  };
  return {
    client: { send } as unknown as DynamoDBDocumentClient,
    unrenewed,
    taken,
    leasedAt: () => leased.get(world.turn() ?? Number.NaN),
    rows: () => present(all().map(({ row }) => row)),
  };
}
