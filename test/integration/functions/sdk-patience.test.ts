import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SDK_PATIENCE } from '#functions/runtime/sdk-patience.ts';
import { startRawServer, type RawServer } from '#test/support/raw-server.ts';

let server: RawServer;
beforeAll(async () => {
  server = await startRawServer();
});
afterAll(() => server.close());

it.each(['hang', 'stall'] as const)(
  'gives up on a service that answers like "%s", and says that it was time',
  async (how) => {
    server.answer(() => how);
    const client = new DynamoDBClient({
      endpoint: server.url,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
      ...SDK_PATIENCE,
    });
    const asked = client.send(new GetItemCommand({ TableName: 'patrol', Key: { pk: { S: 'a' }, sk: { S: 'b' } } }));
    await expect(asked).rejects.toMatchObject({ name: 'TimeoutError' });
  },
);
