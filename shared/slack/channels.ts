import type { webApi } from '@slack/bolt';
import { createFresh } from '#shared/core/fresh.ts';
import type { Channels } from '#shared/tokens/services.ts';

interface ChannelsDeps {
  readonly client: Pick<webApi.WebClient, 'conversations' | 'chat'>;
  readonly now: () => Date;
}

/** How long Slack's word on a channel is believed, milliseconds: it may be shared at any time. */
const KEPT_MS = 60_000;
const MOST_KEPT = 2000;
/** An address that can stand in a link as it is. */
const PLAIN_LINK = /^https:\/\/[a-z0-9.-]+\/[\w/.-]+(?:\?[\w=&.-]*)?$/i;

/**
 * Tells which channels another company reads too. A channel of which Slack tells nothing (a private one without the bot)
 * counts as shared, and so does any while Slack does not answer.
 */
export function createChannels({ client, now }: ChannelsDeps): Channels {
  const lookUp = createFresh({
    load: async (channel) => {
      const { channel: found } = await client.conversations.info({ channel });
      return found?.is_ext_shared !== false || found.is_pending_ext_shared === true;
    },
    now,
    most: MOST_KEPT,
  });
  return {
    isShared: (channel) => lookUp(channel, KEPT_MS).catch(() => true),
    linkTo: async ({ channel, ts }) => {
      const { permalink } = await client.chat
        .getPermalink({ channel, message_ts: ts })
        .catch(() => ({ permalink: '' }));
      return PLAIN_LINK.test(permalink ?? '') ? permalink : undefined;
    },
  };
}
