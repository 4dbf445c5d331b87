import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { App, AwsLambdaReceiver } from '@slack/bolt';

const { SECRETS_PREFIX, COMMANDS_QUEUE_URL, SLACK_API_URL = 'https://slack.com/api/' } = process.env;
const secretsManager = new SecretsManagerClient({});
const queue = new SQSClient({});

let started: ReturnType<AwsLambdaReceiver['start']> | undefined;

/** slack-edge as the documentation of Bolt and of the AWS SDK leads to; the bench measures it and nobody deploys it. */
export const handler = async (event: unknown, context: unknown): Promise<unknown> => {
  started ??= start();
  const handle = await started;
  return handle(event as Parameters<typeof handle>[0], context);
};

async function read(name: string, field: string): Promise<string> {
  const stored = await secretsManager.send(new GetSecretValueCommand({ SecretId: `${SECRETS_PREFIX}/${name}` }));
  return (JSON.parse(stored.SecretString ?? '') as Readonly<Record<string, string>>)[field] ?? '';
}

async function start(): ReturnType<AwsLambdaReceiver['start']> {
  const [signingSecret, botToken] = await Promise.all([read('slack', 'signingSecret'), read('slack-bot', 'botToken')]);
  const receiver = new AwsLambdaReceiver({ signingSecret });
  const app = new App({ token: botToken, receiver, clientOptions: { slackApiUrl: SLACK_API_URL } });
  app.command('/pat', async ({ ack, command }) => {
    await queue.send(new SendMessageCommand({ QueueUrl: COMMANDS_QUEUE_URL, MessageBody: JSON.stringify(command) }));
    await ack();
  });
  return receiver.start();
}
