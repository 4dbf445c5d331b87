import {
  CloudFormationClient,
  DescribeStackResourceCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { Stop } from '../command-line.ts';

/** Below this limit of concurrent executions AWS refuses our reservation: it keeps 100 for everybody else. */
const ENOUGH_CONCURRENCY = 150;

const isNamed = (error: unknown, ...names: readonly string[]): boolean =>
  error instanceof Error && names.includes(error.name);

/** Tells which account the credentials belong to. Throws `Stop` with what to do where there are none, or stale ones. */
export async function findAccount(region: string): Promise<{ readonly account: string; readonly who: string }> {
  try {
    const { Account, Arn } = await new STSClient({ region }).send(new GetCallerIdentityCommand({}));
    return { account: Account ?? '', who: Arn ?? '' };
  } catch (error) {
    if (isNamed(error, 'CredentialsProviderError')) {
      throw new Stop(
        'No AWS credentials found. Set AWS_PROFILE (after "aws sso login"), or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and try again.',
      );
    }
    const name = error instanceof Error ? error.name : 'unknown';
    throw new Stop(`AWS did not accept the credentials (${name}). Log in again and try once more.`);
  }
}

/** Reads a stack's outputs; `undefined` when there is no such stack. */
export async function readOutputs(
  region: string,
  stage: string,
): Promise<Readonly<Record<string, string>> | undefined> {
  try {
    const { Stacks } = await new CloudFormationClient({ region }).send(
      new DescribeStacksCommand({ StackName: `patrol-${stage}` }),
    );
    return Object.fromEntries(
      (Stacks?.[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey ?? '', OutputValue ?? '']),
    );
  } catch (error) {
    if (isNamed(error, 'ValidationError', 'ValidationException')) return undefined;
    throw error;
  }
}

/** What the template must know about the account: whether to reserve concurrency, and which kept data to take up. */
export interface Findings {
  readonly reserve: boolean;
  readonly createTable: boolean;
  readonly createSecrets: boolean;
}

/** Looks at the account, so that a first deploy, an upgrade and a deploy after `npm run remove` all work. */
export async function surveyAccount(region: string, stage: string): Promise<Findings> {
  const [limit, createTable, createSecrets] = await Promise.all([
    readConcurrency(region),
    isOurs(region, stage, 'StateTable').then(async (ours) => ours || !(await tableExists(region, stage))),
    isOurs(region, stage, 'SlackSecret').then(async (ours) => ours || !(await secretExists(region, stage))),
  ]);
  return { reserve: limit >= ENOUGH_CONCURRENCY, createTable, createSecrets };
}

async function readConcurrency(region: string): Promise<number> {
  const { AccountLimit } = await new LambdaClient({ region }).send(new GetAccountSettingsCommand({}));
  return AccountLimit?.ConcurrentExecutions ?? 0;
}

async function isOurs(region: string, stage: string, logicalId: string): Promise<boolean> {
  try {
    const found = await new CloudFormationClient({ region }).send(
      new DescribeStackResourceCommand({ StackName: `patrol-${stage}`, LogicalResourceId: logicalId }),
    );
    return found.StackResourceDetail?.ResourceStatus !== 'DELETE_COMPLETE';
  } catch (error) {
    if (isNamed(error, 'ValidationError', 'ValidationException')) return false;
    throw error;
  }
}

async function tableExists(region: string, stage: string): Promise<boolean> {
  try {
    await new DynamoDBClient({ region }).send(new DescribeTableCommand({ TableName: `patrol-${stage}` }));
    return true;
  } catch (error) {
    if (isNamed(error, 'ResourceNotFoundException')) return false;
    throw error;
  }
}

async function secretExists(region: string, stage: string): Promise<boolean> {
  try {
    const found = await new SecretsManagerClient({ region }).send(
      new DescribeSecretCommand({ SecretId: `patrol/${stage}/slack` }),
    );
    if (found.DeletedDate === undefined) return true;
    throw new Stop(
      `The secrets patrol/${stage}/… wait for their deletion, and their names are taken until then. Bring them back with "aws secretsmanager restore-secret", or choose another stage name.`,
    );
  } catch (error) {
    if (isNamed(error, 'ResourceNotFoundException')) return false;
    throw error;
  }
}
