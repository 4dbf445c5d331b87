import type { webApi } from '@slack/bolt';
import { createFresh } from '#shared/core/fresh.ts';
import type { Channels } from '#shared/tokens/services.ts';

interface ChannelsDeps {
  readonly client: Pick<webApi.WebClient, 'conversations'>;
  readonly now: () => Date;
}

/** How long Slack's word on a channel is believed, milliseconds: it may be shared at any time. */
const KEPT_MS = 60_000;
const MOST_KEPT = 2000;

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
  return { isShared: (channel) => lookUp(channel, KEPT_MS).catch(() => true) };
}
