import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { CreateTableCommand, DeleteTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import { type Deployment, REGION } from '../lambda/deployment.ts';
import type { FaultSwitch } from '../kit/stand-in.ts';
import type { TableThread } from './table-thread.ts';

/** DynamoDB in a thread of its own, behind a listener that can misbehave. */
export interface Table {
  readonly url: string;
  readonly name: string;
  items(): Promise<readonly Record<string, unknown>[]>;
  /** How often functions have called it, by operation. */
  calls(): Promise<Readonly<Record<string, number>>>;
  /** Resolves when the next call will meet it. */
  setFault(fault: FaultSwitch): Promise<void>;
  clear(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts DynamoDB with the table as it would be deployed. Listens on 127.0.0.1. It has a thread of its own since on AWS, too, what
 * the table has to do delays neither the gateway nor a queue.
 */
export async function startTable(definition: Deployment['table']): Promise<Table> {
  const thread = new Worker(new URL('table-thread.ts', import.meta.url));
  const [{ url, ownUrl }] = (await once(thread, 'message')) as [TableThread];
  const own = async (method: 'GET' | 'PUT' | 'DELETE', body?: string) =>
    (await (await fetch(ownUrl, { method, ...(body !== undefined && { body }) })).json()) as Record<string, number>;
  const client = new DynamoDBClient({
    endpoint: ownUrl,
    region: REGION,
    credentials: { accessKeyId: 'sandbox', secretAccessKey: 'sandbox' },
  });
  const documents = DynamoDBDocumentClient.from(client);
  const TableName = definition.TableName;
  const create = async () => {
    await client.send(new CreateTableCommand(definition as ConstructorParameters<typeof CreateTableCommand>[0]));
    while ((await client.send(new DescribeTableCommand({ TableName }))).Table?.TableStatus !== 'ACTIVE')
      await new Promise(setImmediate);
  };
  await create();

  return {
    url,
    name: TableName,
    items: async () => {
      const items: Record<string, unknown>[] = [];
      for await (const page of paginateScan({ client: documents }, { TableName, ConsistentRead: true })) {
        items.push(...(page.Items ?? []));
      }
      return items;
    },
    calls: () => own('GET'),
    setFault: async (fault) => void (await own('PUT', JSON.stringify(fault))),
    clear: async () => {
      await own('DELETE');
      await client.send(new DeleteTableCommand({ TableName }));
      const isThere = () =>
        client.send(new DescribeTableCommand({ TableName })).then(
          () => true,
          () => false,
        );
      while (await isThere()) await new Promise(setImmediate);
      await create();
    },
    close: async () => {
      client.destroy();
      await thread.terminate();
    },
  };
}
