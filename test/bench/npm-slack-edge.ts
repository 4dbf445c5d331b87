import { SlackApp } from 'slack-edge';

const signingSecret = process.env['SLACK_SIGNING_SECRET'] ?? '';
const app = new SlackApp({
  env: { SLACK_SIGNING_SECRET: signingSecret, SLACK_BOT_TOKEN: 'xoxb-of-the-bench' },
  // Asked of Slack otherwise, for each request.
  authorize: async () => ({ botId: 'B0', botUserId: 'U0', botToken: 'xoxb-of-the-bench', botScopes: [] }),
}).command('/pat', async () => {});

interface Event {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/** npm's slack-edge at its least: the secret stands in the environment, and nothing is queued. The bench measures it. */
export const handler = async ({ headers, body, isBase64Encoded }: Event): Promise<{ readonly statusCode: number }> => {
  const text = isBase64Encoded ? Buffer.from(body, 'base64').toString() : body;
  const request = new Request('https://edge.example/slack/events', { method: 'POST', headers, body: text });
  const { status } = await app.run(request, { waitUntil: () => undefined });
  return { statusCode: status };
};
