import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { SlackApp } from 'slack-edge';

const { SECRETS_PREFIX, COMMANDS_QUEUE_URL } = process.env;
const secretsManager = new SecretsManagerClient({});
const queue = new SQSClient({});

let started: ReturnType<typeof start> | undefined;

async function start() {
  const stored = await secretsManager.send(new GetSecretValueCommand({ SecretId: `${SECRETS_PREFIX}/slack` }));
  const { signingSecret = '' } = JSON.parse(stored.SecretString ?? '{}') as Readonly<Record<string, string>>;
  return new SlackApp({
    env: { SLACK_SIGNING_SECRET: signingSecret, SLACK_BOT_TOKEN: 'xoxb-of-the-bench' },
    // Asked of Slack otherwise, for each request.
    authorize: async () => ({ botId: 'B0', botUserId: 'U0', botToken: 'xoxb-of-the-bench', botScopes: [] }),
  }).command('/pat', async ({ payload }) => {
    await queue.send(new SendMessageCommand({ QueueUrl: COMMANDS_QUEUE_URL, MessageBody: JSON.stringify(payload) }));
  });
}

interface Event {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/** npm's slack-edge doing what an edge of ours does: its secret from Secrets Manager, and a message in the queue. */
export const handler = async ({ headers, body, isBase64Encoded }: Event): Promise<{ readonly statusCode: number }> => {
  const text = isBase64Encoded ? Buffer.from(body, 'base64').toString() : body;
  const request = new Request('https://edge.example/slack/events', { method: 'POST', headers, body: text });
  started ??= start();
  const { status } = await (await started).run(request, { waitUntil: () => undefined });
  return { statusCode: status };
};
