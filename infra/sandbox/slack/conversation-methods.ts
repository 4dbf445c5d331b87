import { defined } from '#shared/core/defined.ts';
import { messageJson } from './chat-methods.ts';
import type { MethodsDeps } from './methods-deps.ts';
import { cursorAfter, pageOf } from './page-of.ts';
import { type Answer, type Args, done, fail, type Method, missing, text } from './protocol.ts';
import { BOT_USER_ID, type SlackChannel, type SlackMessage, type SlackWorkspace, TEAM_ID } from './workspace.ts';

const READ_CHANNELS = ['channels:read', 'groups:read', 'im:read', 'mpim:read'];

const channelJson = (channel: SlackChannel) => ({
  id: channel.id,
  name: channel.name,
  is_channel: channel.with === undefined,
  is_im: channel.with !== undefined,
  is_group: false,
  is_mpim: false,
  is_private: channel.with !== undefined,
  is_archived: false,
  is_member: channel.members.includes(BOT_USER_ID),
  is_shared: channel.isShared,
  is_ext_shared: channel.isShared,
  is_pending_ext_shared: channel.isPendingShared === true,
  is_org_shared: false,
  context_team_id: TEAM_ID,
  num_members: channel.members.length,
  ...defined({ user: channel.with }),
});

function members(channel: SlackChannel, args: Args): Answer {
  const page = pageOf(args);
  if (page === undefined) return fail('invalid_cursor');
  const all = channel.members;
  return done({ members: all.slice(page.from, page.to), ...cursorAfter(page.to, all.length) });
}

/** The channel's own messages, the newest first, for a bot that is in it; replies (but broadcast ones) and ephemeral ones are not among them. */
function history(workspace: SlackWorkspace, channel: SlackChannel, args: Args): Answer {
  if (!channel.members.includes(BOT_USER_ID)) return fail('not_in_channel');
  const page = pageOf(args);
  if (page === undefined) return fail('invalid_cursor');
  const isShown = (one: SlackMessage) =>
    one.channel === channel.id &&
    one.deleted === undefined &&
    one.ephemeralTo === undefined &&
    (one.threadTs === undefined || one.isBroadcast === true);
  const all = workspace.messages().filter(isShown).toReversed();
  const withMetadata = String(args['include_all_metadata']) === 'true';
  const messages = all.slice(page.from, page.to).map((one) => ({
    ...messageJson(one),
    ...(withMetadata && one.metadata !== undefined ? { metadata: one.metadata } : {}),
  }));
  return done({ messages, has_more: page.to < all.length, ...cursorAfter(page.to, all.length) });
}

/** The channels of the wanted types that are open to the bot: public ones, and private ones that it is in. */
function list(channels: readonly SlackChannel[], args: Args): Answer {
  const page = pageOf(args);
  if (page === undefined) return fail('invalid_cursor');
  const types = (text(args, 'types') ?? 'public_channel').split(',');
  const all = channels.filter((channel) => types.includes(channel.with === undefined ? 'public_channel' : 'im'));
  return done({ channels: all.slice(page.from, page.to).map(channelJson), ...cursorAfter(page.to, all.length) });
}

/** Creates the `conversations.*` methods. */
export function createConversationMethods({ workspace }: MethodsDeps): Readonly<Record<string, Method>> {
  const inChannel =
    (run: (channel: SlackChannel, args: Args) => Answer) =>
    (args: Args): Answer => {
      const id = text(args, 'channel');
      if (id === undefined) return missing('channel');
      const channel = workspace.channel(id);
      return channel === undefined ? fail('channel_not_found') : run(channel, args);
    };
  return {
    'conversations.info': {
      scope: READ_CHANNELS,
      run: inChannel((channel) => done({ channel: channelJson(channel) })),
    },
    'conversations.list': { scope: READ_CHANNELS, run: (args) => list(workspace.channels(), args) },
    'conversations.members': { scope: READ_CHANNELS, run: inChannel(members) },
    'conversations.history': {
      scope: ['channels:history', 'groups:history'],
      run: inChannel((channel, args) => history(workspace, channel, args)),
    },
    'conversations.open': {
      scope: ['im:write', 'mpim:write'],
      run: (args) => {
        const user = text(args, 'users');
        if (user === undefined) return missing('users');
        if (workspace.user(user) === undefined) return fail('user_not_found');
        return done({ channel: channelJson(workspace.directMessage(user)) });
      },
    },
  };
}
