import { webApi } from '@slack/bolt';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type SlackStandIn, startSlack } from '#infra/sandbox/slack/slack.ts';
import { createChannels } from '#shared/slack/channels.ts';
import { WEB_CLIENT_OPTIONS } from '#shared/slack/to-slack-fault.ts';
import type { Channels } from '#shared/tokens/services.ts';

let slack: SlackStandIn;
let channels: Channels;
let time: number;

beforeAll(async () => {
  slack = await startSlack();
});
afterAll(() => slack.close());
beforeEach(() => {
  slack.reset();
  slack.setFault({ mode: 'none' });
  slack.calls.length = 0;
  time = 0;
  const client = new webApi.WebClient(slack.botToken, {
    ...WEB_CLIENT_OPTIONS,
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
  });
  channels = createChannels({ client, now: () => new Date(time) });
});

const GENERAL = 'C0GENERAL01';
const share = (shared: boolean) => slack.setChannel(GENERAL, { members: ['U0ADMIN0001'], shared });

describe('whether another company reads a channel too', () => {
  it('is asked of Slack once a minute, and believed no longer', async () => {
    share(false);
    expect(await channels.isShared(GENERAL)).toBe(false);
    share(true);
    time = 59_000;
    expect(await channels.isShared(GENERAL)).toBe(false);
    expect(slack.calls).toHaveLength(1);
    time = 61_000;
    expect(await channels.isShared(GENERAL)).toBe(true);
  });

  it('is taken for true of a channel that Slack does not know', async () => {
    expect(await channels.isShared('C0NOWHERE01')).toBe(true);
  });

  it('is taken for true while Slack does not answer, and that is not kept', async () => {
    share(false);
    slack.setFault({ mode: '500' });
    expect(await channels.isShared(GENERAL)).toBe(true);
    slack.setFault({ mode: 'none' });
    expect(await channels.isShared(GENERAL)).toBe(false);
  });
});

describe('the address of a message', () => {
  it('is told by Slack, and is none of a message that is not there', async () => {
    const { ts } = (await new webApi.WebClient(slack.botToken, { slackApiUrl: slack.apiUrl }).chat.postMessage({
      channel: GENERAL,
      text: 'x',
    })) as { ts: string };
    expect(await channels.linkTo({ channel: GENERAL, ts })).toBe(
      `https://sandbox.slack.com/archives/${GENERAL}/p${ts.replace('.', '')}`,
    );
    expect(await channels.linkTo({ channel: GENERAL, ts: '1.1' })).toBeUndefined();
  });
});
