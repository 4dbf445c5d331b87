import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createTableEngine } from '#infra/sandbox/aws/table-engine.ts';
import { serve } from '#infra/sandbox/kit/serve.ts';
import { writeUnitsOf } from './write-units-of.ts';
import { TABLE_SCHEMA } from '#shared/store/dynamo/table-schema.ts';

/** A running table, and how to reach it. */
export interface RunningTable {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  readonly endpoint: string;
  /** How often it was called so far. */
  calls(): number;
  /** How many write units its calls so far would cost on AWS. */
  writeUnits(): number;
  close(): Promise<void>;
}

/** Starts DynamoDB in this process with Patrol's table, on a free port of 127.0.0.1. */
export async function startTable(): Promise<RunningTable> {
  const server = await serve(createTableEngine());
  const endpoint = server.url;
  const plain = connect(endpoint);
  const TableName = 'patrol-test';
  await plain.send(new CreateTableCommand({ TableName, ...TABLE_SCHEMA }));
  while ((await plain.send(new DescribeTableCommand({ TableName }))).Table?.TableStatus !== 'ACTIVE') {
    await new Promise(setImmediate);
  }
  let calls = 0;
  let writeUnits = 0;
  plain.middlewareStack.add(
    (next) => (args: { readonly input: object }) => {
      calls += 1;
      writeUnits += writeUnitsOf(args.input);
      return next(args);
    },
    { step: 'initialize' },
  );
  return {
    client: DynamoDBDocumentClient.from(plain),
    calls: () => calls,
    writeUnits: () => writeUnits,
    table: TableName,
    endpoint,
    async close() {
      plain.destroy();
      await server.close();
    },
  };
}

/** Connects to a table that is somewhere else, or nowhere. */
export function connect(endpoint: string): DynamoDBClient {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return new DynamoDBClient({ endpoint, region: 'eu-central-1', credentials, maxAttempts: 1 });
}
