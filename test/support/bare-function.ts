import { join } from 'node:path';

/** A built bundle as Lambda starts it: where it is, what it is called, and the environment that Lambda itself sets. */
export function bareFunction(name: string, dist: string) {
  const taskRoot = join(dist, name);
  return {
    taskRoot,
    functionArn: `arn:aws:lambda:eu-central-1:000000000000:function:${name}`,
    environment: {
      _HANDLER: 'index.handler',
      LAMBDA_TASK_ROOT: taskRoot,
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      AWS_LAMBDA_LOG_GROUP_NAME: name,
      AWS_LAMBDA_LOG_STREAM_NAME: name,
    },
  };
}
