import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import dynalite from 'dynalite';
import { TABLE_SCHEMA } from '#shared/store/dynamo/table-schema.ts';

/** A running table, and how to reach it. */
export interface RunningTable {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  readonly endpoint: string;
  /** How often it was called so far. */
  calls(): number;
  close(): Promise<void>;
}

/** Starts DynamoDB in this process with Patrol's table, on a free port of 127.0.0.1. */
export async function startTable(): Promise<RunningTable> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0 });
  // Longer than a client keeps an idle connection: on a busy machine one was closed under a request, which is made once here.
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const plain = connect(endpoint);
  const TableName = 'patrol-test';
  await plain.send(new CreateTableCommand({ TableName, ...TABLE_SCHEMA }));
  while ((await plain.send(new DescribeTableCommand({ TableName }))).Table?.TableStatus !== 'ACTIVE') {
    await new Promise(setImmediate);
  }
  let calls = 0;
  plain.middlewareStack.add(
    (next) => (args) => {
      calls += 1;
      return next(args);
    },
    { step: 'initialize' },
  );
  return {
    client: DynamoDBDocumentClient.from(plain),
    calls: () => calls,
    table: TableName,
    endpoint,
    async close() {
      plain.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Connects to a table that is somewhere else, or nowhere. */
export function connect(endpoint: string): DynamoDBClient {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return new DynamoDBClient({ endpoint, region: 'eu-central-1', credentials, maxAttempts: 1 });
}
