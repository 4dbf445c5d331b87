import { webApi } from '@slack/bolt';
import type { SlackStandIn } from '#infra/sandbox/slack/slack.ts';
import { createReply, type Reply } from '#shared/slack/reply.ts';
import { WEB_CLIENT_OPTIONS } from '#shared/slack/to-slack-fault.ts';
import type { Services } from '#shared/tokens/services.ts';
import { plainButtons } from './buttons.ts';

/** Speaks to the stand-in, with the values of buttons as they are. */
export function replyTo(
  slack: SlackStandIn,
  { now = () => new Date(0), sleep = async () => {} }: Partial<Pick<Services, 'now' | 'sleep'>> = {},
): Reply {
  const client = new webApi.WebClient(slack.botToken, { ...WEB_CLIENT_OPTIONS, slackApiUrl: slack.apiUrl });
  const responseUrlOrigin = new URL(slack.responseUrl).origin;
  return createReply({ buttons: plainButtons, client, responseUrlOrigin, fetch, now, sleep });
}
