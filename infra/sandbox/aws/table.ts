import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DeleteTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import dynalite from 'dynalite';
import { type Deployment, REGION } from '../lambda/deployment.ts';
import type { FaultSwitch } from '../kit/stand-in.ts';
import { createFaultGate } from './fault-gate.ts';

/** DynamoDB in this process, behind a listener that can misbehave. */
export interface Table {
  readonly url: string;
  readonly name: string;
  items(): Promise<readonly Record<string, unknown>[]>;
  setFault(fault: FaultSwitch): void;
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** Starts DynamoDB with the table as it would be deployed. Listens on 127.0.0.1. */
export async function startTable(definition: Deployment['table']): Promise<Table> {
  const gate = createFaultGate();
  const engine = dynalite({ createTableMs: 0, deleteTableMs: 0 });
  const server = createServer((request, response) => {
    void gate.admit(request, response).then((admitted) => admitted && engine.emit('request', request, response));
  });
  server.keepAliveTimeout = 65_000;
  const inner = createServer((request, response) => engine.emit('request', request, response));
  const listen = (target: typeof server) =>
    new Promise<string>((resolve) => {
      target.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(target.address() as AddressInfo).port}`));
    });
  const [url, ownUrl] = await Promise.all([listen(server), listen(inner)]);
  // Our own looks into the table pass beside the faults.
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
    setFault: gate.set,
    clear: async () => {
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
      for (const each of [server, inner]) {
        each.closeAllConnections();
        await new Promise((resolve) => each.close(resolve));
      }
    },
  };
}
