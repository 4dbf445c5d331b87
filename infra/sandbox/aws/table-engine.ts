import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { AttributeValue, TransactWriteItem, TransactWriteItemsCommandInput } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { readBody } from '../kit/serve.ts';

const TRANSACT = 'DynamoDB_20120810.TransactWriteItems';
const MOST_WRITES = 100;
const JSON_TYPE = 'application/x-amz-json-1.0';

/** What DynamoDB answers instead of doing something. */
interface Refusal {
  readonly type: 'TransactionCanceledException' | 'ValidationException';
  readonly message: string;
  readonly reasons?: readonly Reason[];
}

interface Reason {
  readonly Code: string;
  readonly Item?: Item;
}

type Item = Record<string, AttributeValue>;

interface Write {
  readonly operation: 'PutItem' | 'UpdateItem' | 'DeleteItem';
  readonly input: Pick<SingleWrite, 'ReturnValuesOnConditionCheckFailure'>;
  readonly table: string;
  readonly key: Item;
}

interface Reply {
  readonly Item?: Item;
  readonly __type?: string;
}

type Call = (operation: string, input: object) => Promise<Reply>;

/** What a single write is asked for, as far as it matters here. */
interface SingleWrite {
  readonly TableName?: string;
  readonly Key?: Item;
  readonly Item?: Item;
  readonly ReturnValuesOnConditionCheckFailure?: string | undefined;
}

/**
 * Makes DynamoDB without a listener: dynalite, and what it lacks, transactions of writes, and refusals that tell
 * the item which did not meet their condition. A transaction is done while no other request is: all of its writes or none, as
 * DynamoDB promises. A request token that was seen before changes nothing more.
 */
export function createTableEngine(): RequestListener {
  const engine = dynalite({ createTableMs: 0, deleteTableMs: 0 });
  const pass: RequestListener = (request, response) => void engine.emit('request', request, response);
  const call = callsTo(pass);
  const seen = new Set<string>();
  /** Whatever is under way, and the transaction that waits for it to end. */
  const running = new Set<Promise<unknown>>();
  let alone: Promise<unknown> = Promise.resolve();

  const whileAlone = <T>(work: () => Promise<T>): Promise<T> => {
    const done = alone.then(() => Promise.allSettled(running)).then(work);
    alone = done.catch(() => undefined);
    return done;
  };
  const beside = <T>(work: Promise<T>): Promise<T> => {
    running.add(work);
    return work.finally(() => running.delete(work));
  };
  const write = async (operation: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const input = JSON.parse((await readBody(request)).toString('utf8')) as SingleWrite;
    const reply = await alone.then(() => beside(call(operation, input)));
    const isToTell = isUnmet(reply) && input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
    // Once more, while nobody else writes: what is told is what the condition has met.
    const told = isToTell ? await whileAlone(() => writeAndTell(call, operation, input)) : reply;
    response.writeHead(told.__type === undefined ? 200 : 400, { 'content-type': JSON_TYPE }).end(JSON.stringify(told));
  };
  const transact = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const input = JSON.parse((await readBody(request)).toString('utf8')) as TransactWriteItemsCommandInput;
    const { ClientRequestToken: token = '' } = input;
    const refusal = await whileAlone(async () => (seen.has(token) ? undefined : writeAll(call, input)));
    if (refusal === undefined && token !== '') seen.add(token);
    answer(response, refusal);
  };
  return (request, response) => {
    const target = String(request.headers['x-amz-target']);
    if (target === TRANSACT) {
      transact(request, response).catch(() => response.destroy());
      return;
    }
    const operation = target.replace(/^.*\./, '');
    if (operation === 'PutItem' || operation === 'UpdateItem') {
      write(operation, request, response).catch(() => response.destroy());
      return;
    }
    void alone.then(() => {
      void beside(new Promise((resolve) => response.once('close', resolve)));
      pass(request, response);
    });
  };
}

/** Calls the engine from within this process, past everybody who waits. */
function callsTo(pass: RequestListener): Call {
  const headers = {
    'content-type': JSON_TYPE,
    'x-amz-date': '20260101T000000Z',
    authorization: 'AWS4-HMAC-SHA256 Credential=engine, SignedHeaders=host, Signature=none',
  };
  return (operation, input) =>
    new Promise((resolve) => {
      const target = { 'x-amz-target': `DynamoDB_20120810.${operation}` };
      const body = Readable.from([Buffer.from(JSON.stringify(input))]);
      const request = Object.assign(body, { method: 'POST', url: '/', headers: { ...headers, ...target } });
      const response = { statusCode: 0, setHeader: () => {}, end: (text: string) => resolve(JSON.parse(text)) };
      pass(request as unknown as IncomingMessage, response as unknown as ServerResponse);
    });
}

function answer(response: ServerResponse, refusal: Refusal | undefined): void {
  response.writeHead(refusal === undefined ? 200 : 400, { 'content-type': JSON_TYPE });
  if (refusal === undefined) {
    response.end('{}');
    return;
  }
  const { type, message, reasons: CancellationReasons } = refusal;
  const __type = `com.amazonaws.dynamodb.v20120810#${type}`;
  response.end(JSON.stringify({ __type, message, ...(CancellationReasons && { CancellationReasons }) }));
}

function isUnmet({ __type: type = '' }: Reply): boolean {
  return type.endsWith('#ConditionalCheckFailedException');
}

/** Does a write; where its condition is not met, the refusal tells by which item. Nobody else writes meanwhile. */
async function writeAndTell(call: Call, operation: string, input: SingleWrite): Promise<Reply> {
  const reply = await call(operation, input);
  if (!isUnmet(reply)) return reply;
  const { table: TableName, key: Key } = placeOf(input.TableName, input.Key ?? input.Item);
  const { Item } = await call('GetItem', { TableName, Key, ConsistentRead: true });
  return { ...reply, ...(Item && { Item }) };
}

/** Does all writes or none; nobody else writes meanwhile. */
async function writeAll(
  call: Call,
  { TransactItems = [] }: TransactWriteItemsCommandInput,
): Promise<Refusal | undefined> {
  const writes = TransactItems.map(toWrite);
  const names = writes.map(({ table, key }) => JSON.stringify([table, key['pk'], key['sk']]));
  if (writes.length === 0 || writes.length > MOST_WRITES || new Set(names).size < names.length) {
    return {
      type: 'ValidationException',
      message: 'Transaction request cannot include several operations on one item',
    };
  }
  const olds = await Promise.all(
    writes.map(({ table: TableName, key: Key }) => call('GetItem', { TableName, Key, ConsistentRead: true })),
  );
  const reasons: Reason[] = [];
  for (const [index, { operation, input }] of writes.entries()) {
    const Code = codeOf(await call(operation, input));
    const { Item } = olds[index] ?? {};
    const isTold = Code === 'ConditionalCheckFailed' && input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
    reasons.push({ Code, ...(isTold && Item && { Item }) });
  }
  if (reasons.every(({ Code }) => Code === 'None')) return undefined;
  for (const [index, { table: TableName, key: Key }] of writes.entries()) {
    if (reasons[index]?.Code !== 'None') continue;
    const { Item } = olds[index] ?? {};
    await (Item === undefined ? call('DeleteItem', { TableName, Key }) : call('PutItem', { TableName, Item }));
  }
  const codes = reasons.map(({ Code }) => Code).join(', ');
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  return { type: 'TransactionCanceledException', message, reasons };
}

function codeOf(reply: Reply): string {
  if (reply.__type === undefined) return 'None';
  return isUnmet(reply) ? 'ConditionalCheckFailed' : 'ValidationError';
}

function toWrite({ Put, Update, Delete }: TransactWriteItem): Write {
  if (Put !== undefined) return { operation: 'PutItem', input: Put, ...placeOf(Put.TableName, Put.Item) };
  if (Update !== undefined) return { operation: 'UpdateItem', input: Update, ...placeOf(Update.TableName, Update.Key) };
  if (Delete !== undefined) return { operation: 'DeleteItem', input: Delete, ...placeOf(Delete.TableName, Delete.Key) };
  throw new Error('a write of a transaction that nothing here makes');
}

function placeOf(table = '', { pk, sk }: Partial<Item> = {}): Pick<Write, 'table' | 'key'> {
  return { table, key: { pk, sk } as Item };
}
