import { CreateTableCommand, DeleteTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import { type Deployment, REGION } from '../lambda/deployment.ts';
import type { FaultSwitch } from '../kit/stand-in.ts';
import { serve } from '../kit/serve.ts';
import { createFaultGate } from './fault-gate.ts';
import { createTableEngine } from './table-engine.ts';

/** DynamoDB in this process, behind a listener that can misbehave. */
export interface Table {
  readonly url: string;
  readonly name: string;
  items(): Promise<readonly Record<string, unknown>[]>;
  /** How often functions have called it, by operation. */
  calls(): Readonly<Record<string, number>>;
  setFault(fault: FaultSwitch): void;
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** Starts DynamoDB with the table as it would be deployed. Listens on 127.0.0.1. */
export async function startTable(definition: Deployment['table']): Promise<Table> {
  const gate = createFaultGate();
  const engine = createTableEngine();
  const counts = new Map<string, number>();
  const outer = await serve((request, response) => {
    const operation = String(request.headers['x-amz-target']).replace(/^.*\./, '');
    counts.set(operation, (counts.get(operation) ?? 0) + 1);
    void gate.admit(request, response).then((admitted) => admitted && engine(request, response));
  });
  // Our own looks into the table pass beside the faults.
  const inner = await serve(engine);
  const client = new DynamoDBClient({
    endpoint: inner.url,
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
    url: outer.url,
    name: TableName,
    items: async () => {
      const items: Record<string, unknown>[] = [];
      for await (const page of paginateScan({ client: documents }, { TableName, ConsistentRead: true })) {
        items.push(...(page.Items ?? []));
      }
      return items;
    },
    calls: () => Object.fromEntries(counts),
    setFault: gate.set,
    clear: async () => {
      gate.reset();
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
      await Promise.all([outer.close(), inner.close()]);
    },
  };
}
