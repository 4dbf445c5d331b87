import type { Queues } from '../aws/queues.ts';
import { ACCOUNT, type DeployedFunction, REGION } from './deployment.ts';

const deployedName = ({ name }: DeployedFunction): string => `patrol-sandbox-${name}`;

/** A function's name at AWS, in full. */
export const functionArn = (given: DeployedFunction): string =>
  `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${deployedName(given)}`;

/** What Lambda itself sets, and nothing of this machine's own environment. */
export function lambdaEnvironment(given: DeployedFunction, taskRoot: string): Record<string, string> {
  const name = deployedName(given);
  return {
    _HANDLER: 'index.handler',
    AWS_ACCESS_KEY_ID: 'ASIASANDBOXSANDBOX00',
    AWS_SECRET_ACCESS_KEY: 'sandbox-secret-access-key',
    AWS_SESSION_TOKEN: 'sandbox-session-token',
    AWS_DEFAULT_REGION: REGION,
    AWS_REGION: REGION,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(given.memoryMb),
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_FORMAT: 'JSON',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_LEVEL: 'INFO',
    AWS_LAMBDA_LOG_STREAM_NAME: '1980/01/01/[$LATEST]00000000000000000000000000000000',
    // A home without an `.aws` folder: the machine's own AWS account must stay out of reach.
    HOME: taskRoot,
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    LAMBDA_TASK_ROOT: taskRoot,
    LANG: 'en_US.UTF-8',
    PATH: '/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin',
    TZ: ':UTC',
  };
}

/** The function's own variables, with references to queues as their URLs. */
export const ownEnvironment = ({ environment }: DeployedFunction, queues: Queues): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : queues.queueUrl(value.Ref),
    ]),
  );
