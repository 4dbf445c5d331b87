import { webApi } from '@slack/bolt';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type SlackStandIn, startSlack } from '#infra/sandbox/slack/slack.ts';
import { Secret } from '#shared/core/secret.ts';
import { createBotFetch } from '#shared/slack/bot-fetch.ts';
import { toSlackFault, WEB_CLIENT_OPTIONS } from '#shared/slack/to-slack-fault.ts';

let slack: SlackStandIn;
let reads: string[];

beforeAll(async () => {
  slack = await startSlack();
});
afterAll(() => slack.close());
beforeEach(() => {
  slack.reset();
  reads = [];
});

/** Slack's client, with one token in memory and one in the store. */
function clientWith({ known, stored }: { readonly known: string; readonly stored: string }): webApi.WebClient {
  let inMemory = known;
  const fetch = createBotFetch({
    fetch: globalThis.fetch,
    read: () => Promise.resolve(new Secret(inMemory)),
    refresh: () => {
      reads.push('again');
      inMemory = stored;
      return Promise.resolve(new Secret(stored));
    },
  });
  return new webApi.WebClient('in each call', { ...WEB_CLIENT_OPTIONS, slackApiUrl: slack.apiUrl, fetch });
}

const say = (client: webApi.WebClient, text: string) => client.chat.postMessage({ channel: 'C0GENERAL01', text });

describe("the fetch of Slack's client", () => {
  it('uses the token that is known, and reads it no more often than that', async () => {
    const client = clientWith({ known: slack.botToken, stored: 'xoxb-other' });
    await say(client, 'hello');
    expect(slack.messages()).toHaveLength(1);
    expect(reads).toEqual([]);
  });

  it('reads a rotated token once and goes on with it', async () => {
    const client = clientWith({ known: 'xoxb-rotated-away', stored: slack.botToken });
    await say(client, 'one');
    await say(client, 'two');
    expect(slack.messages().map(({ text }) => text)).toEqual(['one', 'two']);
    expect(reads).toEqual(['again']);
  });

  it("passes Slack's refusal on when the stored token is no better", async () => {
    const client = clientWith({ known: 'xoxb-wrong', stored: 'xoxb-wrong' });
    const error: unknown = await say(client, 'nobody hears it').catch((thrown: unknown) => thrown);
    // The job is kept until the token is stored anew.
    expect(toSlackFault('chat.postMessage', error)).toMatchObject({ code: 'slack_unauthorized', isRetryable: true });
    expect(reads).toEqual(['again']);
  });

  it('keeps the token out of an upload, which goes to an address of its own', async () => {
    const client = clientWith({ known: 'xoxb-rotated-away', stored: slack.botToken });
    await client.filesUploadV2({
      channel_id: 'C0GENERAL01',
      filename: 'record.csv',
      content: 'at,who\n',
      title: 'Record',
    });
    expect(slack.files()).toMatchObject([{ name: 'record.csv', content: 'at,who\n', channel: 'C0GENERAL01' }]);
  });
});
