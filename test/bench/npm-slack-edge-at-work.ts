import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createSlackEdge, type EdgeEvent, runSlackEdge } from './run-slack-edge.ts';

const { SECRETS_PREFIX, COMMANDS_QUEUE_URL } = process.env;
const secretsManager = new SecretsManagerClient({});
const queue = new SQSClient({});

let started: ReturnType<typeof start> | undefined;

async function start() {
  const stored = await secretsManager.send(new GetSecretValueCommand({ SecretId: `${SECRETS_PREFIX}/slack` }));
  const { signingSecret = '' } = JSON.parse(stored.SecretString ?? '{}') as Readonly<Record<string, string>>;
  return createSlackEdge(signingSecret, async ({ payload }) => {
    await queue.send(new SendMessageCommand({ QueueUrl: COMMANDS_QUEUE_URL, MessageBody: JSON.stringify(payload) }));
  });
}

/** npm's slack-edge doing what an edge of ours does: its secret from Secrets Manager, and a message in the queue. */
export const handler = async (event: EdgeEvent): Promise<{ readonly statusCode: number }> => {
  started ??= start();
  return runSlackEdge(await started, event);
};
