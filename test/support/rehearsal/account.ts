import { gunzipSync } from 'node:zlib';
import type { Exchange, Reply } from '../../../infra/sandbox/kit/exchange.ts';
import { startListener } from '../../../infra/sandbox/kit/listener.ts';
import type { Call } from '../../../infra/sandbox/kit/stand-in.ts';
import type { Template } from '../../../infra/checks/template.ts';
import { createCloudFormation, Refusal } from './cloudformation.ts';
import { createObjectStore } from './s3.ts';
import type { Stack } from './stack.ts';
import { toXml, type Xml } from './xml.ts';

interface AccountOptions {
  readonly accountId?: string;
  readonly region?: string;
  /** What the deployed HTTP API is reached at. */
  readonly apiEndpoint?: string;
  /** The account's limit of concurrent Lambda executions. */
  readonly concurrency?: number;
  /** Named things that exist outside any stack, as `AWS::DynamoDB::Table patrol-dev`. */
  readonly outside?: readonly string[];
  /** Messages that wait in a queue, by its name. */
  readonly waiting?: Readonly<Record<string, number>>;
  /** Lines of log groups, by their name. */
  readonly logs?: Readonly<Record<string, readonly string[]>>;
  readonly onCreate?: (type: string, name: string) => void;
}

/** A stand-in of one AWS account: STS, CloudFormation, S3, Lambda's settings, and whether a table exists. */
export interface Account {
  readonly url: string;
  readonly calls: readonly Call[];
  stack(name: string): Stack | undefined;
  /** Brings a stack into being without a deploy. */
  createStack(name: string, template: Template): void;
  /** Everything that was uploaded, by key. */
  uploads(): ReadonlyMap<string, Buffer>;
  /** Named things that exist outside any stack. */
  readonly outside: ReadonlySet<string>;
  close(): Promise<void>;
}

const JSON_TYPE = { 'content-type': 'application/x-amz-json-1.0' };

/** Starts the stand-in on 127.0.0.1. Any credentials are accepted; the service is read from their scope. */
export async function startAccount(options: AccountOptions = {}): Promise<Account> {
  const { accountId = '000000000000', region = 'eu-central-1', concurrency = 1000 } = options;
  const apiEndpoint = options.apiEndpoint ?? `https://abc123.execute-api.${region}.amazonaws.com`;
  const outside = new Set(options.outside);
  /** Dead-letter queues whose messages were moved back. */
  const moved = new Set<string>();
  const objects = createObjectStore();
  const known: Readonly<Record<string, string>> = {
    'AWS::Region': region,
    'AWS::AccountId': accountId,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    ServerlessDeploymentBucket: `patrol-deployments-${accountId}`,
    HttpApi: 'abc123',
  };
  const cloudformation = createCloudFormation({
    objects,
    accountId,
    region,
    now: () => new Date(),
    outside: () => outside,
    names: {
      ref: (id) => known[id] ?? id,
      attribute: (id, attribute) => (attribute === 'ApiEndpoint' ? apiEndpoint : `arn:aws:::${id}.${attribute}`),
    },
    onChange: (change, type, name) => {
      if (change === 'kept') outside.add(`${type} ${name}`);
      if (change === 'created') options.onCreate?.(type, name);
    },
  });
  const query = (exchange: Exchange, call: (action: string, form: URLSearchParams) => Xml): Reply => {
    const packed = exchange.headers['content-encoding'] === 'gzip';
    const form = new URLSearchParams((packed ? gunzipSync(exchange.body) : exchange.body).toString('utf8'));
    const action = form.get('Action') ?? '';
    try {
      return {
        status: 200,
        headers: { 'content-type': 'text/xml' },
        body: toXml({ [`${action}Response`]: { [`${action}Result`]: call(action, form) } }),
      };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const body = toXml({ ErrorResponse: { Error: { Type: 'Sender', Code: error.code, Message: error.message } } });
      return { status: 400, headers: { 'content-type': 'text/xml' }, body };
    }
  };
  const services: Readonly<Record<string, (exchange: Exchange) => Reply>> = {
    sts: (exchange) =>
      query(exchange, () => ({ Arn: `arn:aws:iam::${accountId}:user/deployer`, UserId: 'AIDA', Account: accountId })),
    cloudformation: (exchange) => query(exchange, cloudformation.call),
    s3: objects.handle,
    lambda: ({ path }) =>
      path.includes('/account-settings')
        ? {
            status: 200,
            json: { AccountLimit: { ConcurrentExecutions: concurrency, UnreservedConcurrentExecutions: concurrency } },
          }
        : {
            status: 404,
            headers: { 'x-amzn-errortype': 'ResourceNotFoundException' },
            json: { Message: 'Function not found' },
          },
    sqs: ({ headers, body }) => {
      const asked = JSON.parse(body.toString('utf8')) as { QueueName?: string; QueueUrl?: string; SourceArn?: string };
      const name = asked.QueueName ?? asked.QueueUrl?.split('/').at(-1) ?? asked.SourceArn?.split(':').at(-1) ?? '';
      if (!cloudformation.owns('AWS::SQS::Queue', name)) {
        return {
          status: 400,
          headers: JSON_TYPE,
          json: { __type: 'com.amazonaws.sqs#QueueDoesNotExist', message: 'The specified queue does not exist.' },
        };
      }
      if (String(headers['x-amz-target']).endsWith('.GetQueueUrl')) {
        return {
          status: 200,
          headers: JSON_TYPE,
          json: { QueueUrl: `http://${headers.host ?? ''}/${accountId}/${name}` },
        };
      }
      if (String(headers['x-amz-target']).endsWith('.StartMessageMoveTask')) {
        moved.add(name);
        return { status: 200, headers: JSON_TYPE, json: { TaskHandle: 'task' } };
      }
      return {
        status: 200,
        headers: JSON_TYPE,
        json: {
          Attributes: {
            ApproximateNumberOfMessages: String(moved.has(name) ? 0 : (options.waiting?.[name] ?? 0)),
            QueueArn: `arn:aws:sqs:${region}:${accountId}:${name}`,
          },
        },
      };
    },
    logs: ({ body }) => {
      const { logGroupName = '' } = JSON.parse(body.toString('utf8')) as { logGroupName?: string };
      const lines = options.logs?.[logGroupName];
      if (lines === undefined) {
        const __type = 'ResourceNotFoundException';
        return { status: 400, headers: JSON_TYPE, json: { __type, message: 'no such group' } };
      }
      return { status: 200, headers: JSON_TYPE, json: { events: lines.map((message) => ({ message })) } };
    },
    ecr: () => ({
      status: 400,
      headers: JSON_TYPE,
      json: { __type: 'RepositoryNotFoundException', message: 'no repository' },
    }),
    dynamodb: ({ headers, body }) => {
      const { TableName: name } = JSON.parse(body.toString('utf8')) as { TableName: string };
      const exists = outside.has(`AWS::DynamoDB::Table ${name}`);
      if (!exists)
        return {
          status: 400,
          headers: JSON_TYPE,
          json: {
            __type: 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException',
            message: 'Requested resource not found',
          },
        };
      if (String(headers['x-amz-target']).endsWith('.DeleteTable')) outside.delete(`AWS::DynamoDB::Table ${name}`);
      return {
        status: 200,
        headers: JSON_TYPE,
        json: { Table: { TableName: name, TableStatus: 'ACTIVE' }, TableDescription: { TableName: name } },
      };
    },
  };
  const serviceOf = ({ headers }: Exchange): string =>
    /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\/aws4_request/.exec(headers.authorization ?? '')?.[1] ?? '';
  const listener = await startListener({
    provider: 'aws',
    handle: (exchange) =>
      services[serviceOf(exchange)]?.(exchange) ?? { status: 501, body: `no ${serviceOf(exchange)} in this account` },
    changes: () => false,
    label: (exchange) => `${serviceOf(exchange)} ${actionOf(exchange)}`,
    refuse: () => undefined,
    reset: () => undefined,
  });
  return {
    url: listener.url,
    calls: listener.calls,
    stack: cloudformation.stack,
    createStack: (name, template) => {
      cloudformation.call(
        'CreateStack',
        new URLSearchParams({ StackName: name, TemplateBody: JSON.stringify(template) }),
      );
    },
    uploads: objects.all,
    outside,
    close: listener.close,
  };
}

function actionOf({ headers, body, path }: Exchange): string {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.split('.').at(-1) ?? '';
  const text =
    headers['content-encoding'] === 'gzip' ? gunzipSync(body).toString('utf8') : body.toString('latin1', 0, 4096);
  return /(?:^|&)Action=(\w+)/.exec(text)?.[1] ?? path;
}
