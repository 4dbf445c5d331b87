import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';

/** The attribute by which DynamoDB removes old items, epoch seconds. Removal may be late, so readers look at it too. */
export const TTL_ATTRIBUTE = 'ttl';

/** The one index: what is open, what is closed, and the audit record by day. */
export const INDEX = 'gsi1';

/** Keys and index of the one table, as `CreateTable` takes them; `infra/table.yml` says the same. */
export const TABLE_SCHEMA = {
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
    { AttributeName: 'gsi1pk', AttributeType: 'S' },
    { AttributeName: 'gsi1sk', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: INDEX,
      KeySchema: [
        { AttributeName: 'gsi1pk', KeyType: 'HASH' },
        { AttributeName: 'gsi1sk', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
  BillingMode: 'PAY_PER_REQUEST',
} satisfies Omit<CreateTableCommandInput, 'TableName'>;
