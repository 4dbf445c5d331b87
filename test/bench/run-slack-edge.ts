import { SlackApp } from 'slack-edge';

/** What API Gateway gives. */
export interface EdgeEvent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

type Edge = SlackApp<{ SLACK_SIGNING_SECRET: string; SLACK_BOT_TOKEN: string }>;

/** npm's slack-edge as a bench measures it: it asks Slack nothing, which it would for each request otherwise. */
export function createSlackEdge(signingSecret: string, onCommand: Parameters<Edge['command']>[1]): Edge {
  return new SlackApp({
    env: { SLACK_SIGNING_SECRET: signingSecret, SLACK_BOT_TOKEN: 'xoxb-of-the-bench' },
    authorize: async () => ({ botId: 'B0', botUserId: 'U0', botToken: 'xoxb-of-the-bench', botScopes: [] }),
  }).command('/pat', onCommand);
}

/** Has it answer one event. */
export async function runSlackEdge(app: Edge, event: EdgeEvent): Promise<{ readonly statusCode: number }> {
  const { headers, body, isBase64Encoded } = event;
  const text = isBase64Encoded ? Buffer.from(body, 'base64').toString() : body;
  const request = new Request('https://edge.example/slack/events', { method: 'POST', headers, body: text });
  const { status } = await app.run(request, { waitUntil: () => undefined });
  return { statusCode: status };
}
