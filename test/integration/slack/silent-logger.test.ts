import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { webApi } from '@slack/bolt';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { SAYING_OPTIONS, WEB_CLIENT_OPTIONS } from '#shared/slack/to-slack-fault.ts';

const QUOTED = 'what-slack-quotes-of-our-message';
let slack: Server;

beforeAll(async () => {
  const answer = {
    ok: false,
    error: 'invalid_blocks',
    response_metadata: { messages: [`[ERROR] unsupported: ${QUOTED}`, `[WARN] ${QUOTED}`], warnings: [QUOTED] },
  };
  slack = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => slack.listen(0, '127.0.0.1', resolve));
});
afterAll(() => slack.close());

it.each([
  ['asks', WEB_CLIENT_OPTIONS],
  ['says', SAYING_OPTIONS],
])('what Slack answers to the client that %s is written by nobody', async (_name, options) => {
  const writers = (['debug', 'info', 'log', 'warn', 'error'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation(() => undefined),
  );
  try {
    const slackApiUrl = `http://127.0.0.1:${(slack.address() as AddressInfo).port}/api/`;
    const client = new webApi.WebClient('xoxb-not-a-real-one', { ...options, slackApiUrl });
    await expect(client.chat.postMessage({ channel: 'C1', text: 'x', blocks: [] })).rejects.toThrow('invalid_blocks');
    expect(writers.flatMap(({ mock }) => mock.calls)).toEqual([]);
  } finally {
    for (const writer of writers) writer.mockRestore();
  }
});
