import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { INDEX, TABLE_SCHEMA, TTL_ATTRIBUTE } from '#shared/store/dynamo/table-schema.ts';

it('has the keys, the index and the time to live of the table that is deployed', () => {
  const file = readFileSync(new URL('../../../infra/table.yml', import.meta.url), 'utf8');
  const { Resources } = parse(file, { logLevel: 'silent' }) as {
    Resources: Record<string, { Type: string; Properties: object }>;
  };
  const tables = Object.values(Resources).filter(({ Type }) => Type === 'AWS::DynamoDB::Table');
  expect(tables.map(({ Properties }) => Properties)).toEqual([expect.objectContaining(TABLE_SCHEMA)]);
  expect(tables[0]?.Properties).toHaveProperty('TimeToLiveSpecification', {
    AttributeName: TTL_ATTRIBUTE,
    Enabled: true,
  });
  expect(TABLE_SCHEMA.GlobalSecondaryIndexes.map(({ IndexName }) => IndexName)).toEqual([INDEX]);
});
