import { defined } from '#shared/core/defined.ts';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parse, type ScalarTag, type CollectionTag } from 'yaml';
import * as z from 'zod';

const PROJECT = join(import.meta.dirname, '..', '..', '..');

export const REGION = 'eu-central-1';
export const ACCOUNT = '000000000000';
export const STAGE = 'sandbox';

/** CloudFormation's short forms, kept as `{ Ref }`, `{ GetAtt }` and `{ Sub }`. */
const INTRINSICS: (ScalarTag | CollectionTag)[] = ['Ref', 'GetAtt', 'Sub'].map((name) => ({
  tag: `!${name}`,
  resolve: (text: string) => ({ [name]: text }),
}));
const IGNORED: (ScalarTag | CollectionTag)[] = ['Equals', 'If', 'Not', 'And', 'Or', 'Join'].map((name) => ({
  tag: `!${name}`,
  collection: 'seq',
  resolve: () => null,
}));

const refSchema = z.object({ Ref: z.string() });
const environmentSchema = z.record(z.string(), z.union([z.string(), refSchema]));
const eventSchema = z.union([
  z.object({ httpApi: z.object({ method: z.string(), path: z.string() }) }),
  z.object({
    sqs: z.object({
      arn: z.object({ GetAtt: z.string() }),
      batchSize: z.int(),
      maximumConcurrency: z.int().default(5),
    }),
  }),
  z.object({ schedule: z.object({ input: z.record(z.string(), z.unknown()).default({}) }) }),
]);
const functionSchema = z.object({
  memorySize: z.int(),
  timeout: z.int(),
  environment: environmentSchema.default({}),
  events: z.array(eventSchema),
});
const functionsSchema = z.record(z.string(), functionSchema);
const providerSchema = z.object({ provider: z.object({ environment: environmentSchema }) });
const queueSchema = z.object({
  Type: z.literal('AWS::SQS::Queue'),
  Properties: z.object({
    QueueName: z.string(),
    VisibilityTimeout: z.int().optional(),
    RedrivePolicy: z
      .object({ deadLetterTargetArn: z.object({ GetAtt: z.string() }), maxReceiveCount: z.int() })
      .optional(),
  }),
});
const tableSchema = z.object({
  Resources: z.object({
    StateTable: z.object({
      Properties: z.looseObject({ TableName: z.string(), BillingMode: z.string() }),
    }),
  }),
});

/** One function as it would be deployed. */
export interface DeployedFunction {
  readonly name: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  /** Values may refer to a queue by its logical id. */
  readonly environment: Readonly<Record<string, string | { readonly Ref: string }>>;
  readonly routes: readonly { readonly method: string; readonly path: string }[];
  readonly queue?: { readonly logicalId: string; readonly batchSize: number; readonly maximumConcurrency: number };
  /** What each of its schedules sends, in the template's order. */
  readonly schedules: readonly Readonly<Record<string, unknown>>[];
}

export interface DeployedQueue {
  readonly logicalId: string;
  readonly name: string;
  readonly visibilitySeconds?: number;
  readonly redrive?: { readonly to: string; readonly maxReceives: number };
}

export interface Deployment {
  readonly functions: readonly DeployedFunction[];
  readonly queues: readonly DeployedQueue[];
  /** The `CreateTable` request that the template stands for. */
  readonly table: { readonly TableName: string } & Readonly<Record<string, unknown>>;
}

/** Reads what would be deployed (serverless.yml, infra/*.yml), so that the sandbox runs the same sizes, routes and queues. */
export function readDeployment(): Deployment {
  const shared = providerSchema.parse(read('serverless.yml')).provider.environment;
  const functions = functionsSchema.parse(read('infra/functions.yml'));
  const { Resources: queues } = z
    .object({ Resources: z.record(z.string(), z.unknown()) })
    .parse(read('infra/queues.yml'));
  return {
    functions: Object.entries(functions).map(([name, given]) => toFunction(name, given, shared)),
    queues: Object.entries(queues).flatMap(([logicalId, resource]) => toQueue(logicalId, resource)),
    table: toTable(tableSchema.parse(read('infra/table.yml')).Resources.StateTable.Properties),
  };
}

/** Where osls would put what a module makes. */
const FROM_MODULE = /\$\{file\((infra\/[\w-]+\.cjs)\):(\w+)\}/g;
const requireModule = createRequire(import.meta.url);

function read(file: string): unknown {
  const text = readFileSync(join(PROJECT, file), 'utf8')
    .replaceAll('${sls:stage}', STAGE)
    .replaceAll(FROM_MODULE, (_, module: string, key: string) =>
      // JSON is YAML.
      JSON.stringify((requireModule(join(PROJECT, module)) as Readonly<Record<string, unknown>>)[key]),
    );
  return parse(text, { customTags: (tags) => [...tags, ...INTRINSICS, ...IGNORED], logLevel: 'error' });
}

function toFunction(
  name: string,
  given: z.infer<typeof functionSchema>,
  shared: z.infer<typeof environmentSchema>,
): DeployedFunction {
  const queue = given.events.flatMap((event) => ('sqs' in event ? [event.sqs] : []))[0];
  const schedules = given.events.flatMap((event) => ('schedule' in event ? [event.schedule.input] : []));
  return {
    name,
    memoryMb: given.memorySize,
    timeoutSeconds: given.timeout,
    environment: { ...shared, ...given.environment },
    routes: given.events.flatMap((event) => ('httpApi' in event ? [event.httpApi] : [])),
    ...(queue === undefined
      ? {}
      : {
          queue: {
            logicalId: logicalId(queue.arn),
            batchSize: queue.batchSize,
            maximumConcurrency: queue.maximumConcurrency,
          },
        }),
    schedules,
  };
}

function toQueue(id: string, resource: unknown): DeployedQueue[] {
  const parsed = queueSchema.safeParse(resource);
  if (!parsed.success) return [];
  const { QueueName: name, VisibilityTimeout: visibilitySeconds, RedrivePolicy: redrive } = parsed.data.Properties;
  return [
    {
      logicalId: id,
      name,
      ...defined({ visibilitySeconds }),
      ...(redrive === undefined
        ? {}
        : { redrive: { to: logicalId(redrive.deadLetterTargetArn), maxReceives: redrive.maxReceiveCount } }),
    },
  ];
}

const logicalId = (arn: { readonly GetAtt: string }): string => arn.GetAtt.split('.')[0] ?? '';

/** Keeps what `CreateTable` itself takes; backups, encryption and TTL are set by other calls. */
function toTable(properties: { TableName: string } & Record<string, unknown>): Deployment['table'] {
  const { TableName, BillingMode, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes } = properties;
  return { TableName, BillingMode, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes };
}
