import { defined } from '#shared/core/defined.ts';
import { checkBlocks } from './block-check/check-blocks.ts';
import { type Answer, type Args, done, fail, type Method, malformed, missing, text } from './protocol.ts';
import {
  APP_ID,
  BOT_ID,
  BOT_USER_ID,
  type SlackChannel,
  type SlackMessage,
  type SlackWorkspace,
  TEAM_ID,
} from './workspace.ts';
import { unknownIn } from './unknown-in.ts';

const MAX_TEXT = 40_000;

/** What a message is made of, or why Slack would not take it. */
export function readContent(
  args: Args,
  { mayBeEmpty = false, unknown = [] }: { readonly mayBeEmpty?: boolean; readonly unknown?: readonly string[] } = {},
): { readonly text: string; readonly blocks: readonly unknown[] } | ReturnType<typeof fail> {
  const words = text(args, 'text') ?? '';
  const { blocks = [] } = args;
  if (!Array.isArray(blocks)) return fail('invalid_blocks_format');
  const problems = blocks.length === 0 ? [] : [...unknownIn(blocks, unknown), ...checkBlocks(blocks)];
  if (problems.length > 0) return { ...malformed('invalid_blocks', problems), errors: problems };
  if (words.length > MAX_TEXT) return fail('msg_too_long');
  if (words === '' && blocks.length === 0 && !mayBeEmpty) return fail('no_text');
  return { text: words, blocks };
}

/** A kind, in lower case, and a payload: anything else is ignored, as Slack does. */
function isMetadata(given: unknown): given is Readonly<Record<string, unknown>> {
  const { event_type: type, event_payload: payload } = (given ?? {}) as Partial<Record<string, unknown>>;
  return typeof type === 'string' && /^[a-z0-9_]{1,255}$/.test(type) && typeof payload === 'object';
}

/** A message as Slack's answers show it. */
export const messageJson = (message: SlackMessage) => ({
  type: 'message',
  user: message.user,
  bot_id: BOT_ID,
  app_id: APP_ID,
  team: TEAM_ID,
  ts: message.ts,
  text: message.text,
  blocks: message.blocks,
  ...defined({ thread_ts: message.threadTs }),
  ...(message.isBroadcast === true ? { subtype: 'thread_broadcast' } : {}),
});

const broadcast = ({ reply_broadcast: is }: Args) =>
  is === true || is === 'true' ? { isBroadcast: true as const } : {};

interface ChatDeps {
  readonly workspace: SlackWorkspace;
  readonly hasScope: (scope: string) => boolean;
  readonly mayPost: (channel: string) => boolean;
}
type Refusal = ReturnType<typeof fail>;

/** Finds where the bot may write: its own channels, direct messages, and public ones with `chat:write.public`. */
function writable({ workspace, hasScope }: ChatDeps, args: Args): SlackChannel | Refusal {
  const id = text(args, 'channel');
  if (id === undefined) return missing('channel');
  const channel = workspace.channel(id);
  if (channel === undefined) return fail('channel_not_found');
  const isIn = channel.members.includes(BOT_USER_ID) || hasScope('chat:write.public');
  return isIn ? channel : fail('not_in_channel');
}

/** Finds the thread's first message; a reply's time stamp stands for its thread. */
function threadOf(workspace: SlackWorkspace, channel: SlackChannel, args: Args): string | undefined | Refusal {
  const ts = text(args, 'thread_ts');
  if (ts === undefined) return undefined;
  const parent = workspace.message(channel.id, ts);
  return parent === undefined ? fail('thread_not_found') : (parent.threadTs ?? parent.ts);
}

/** Finds a message of the bot's own, which is all that it may change. */
function own(workspace: SlackWorkspace, args: Args, refusal: string): SlackMessage | Refusal {
  const channel = workspace.channel(text(args, 'channel') ?? '');
  if (channel === undefined) return fail('channel_not_found');
  const message = workspace.message(channel.id, text(args, 'ts') ?? '');
  if (message === undefined || message.ephemeralTo !== undefined) return fail('message_not_found');
  return message.user === BOT_USER_ID ? message : fail(refusal);
}

function post(deps: ChatDeps, args: Args, ephemeralTo?: string): Answer {
  const channel = writable(deps, args);
  if ('ok' in channel) return channel;
  if (ephemeralTo !== undefined && !channel.members.includes(BOT_USER_ID)) return fail('not_in_channel');
  if (ephemeralTo !== undefined && !channel.members.includes(ephemeralTo)) return fail('user_not_in_channel');
  const content = readContent(args, { unknown: deps.workspace.unknownBlocks() });
  if ('ok' in content) return content;
  const threadTs = threadOf(deps.workspace, channel, args);
  if (typeof threadTs === 'object') return threadTs;
  if (!deps.mayPost(channel.id)) return fail('ratelimited');
  const { metadata } = args;
  const message = deps.workspace.say({
    channel: channel.id,
    ...content,
    ...(isMetadata(metadata) ? { metadata } : {}),
    ...(threadTs === undefined ? {} : { threadTs, ...broadcast(args) }),
    ...defined({ ephemeralTo }),
  });
  return ephemeralTo === undefined
    ? done({ channel: channel.id, ts: message.ts, message: messageJson(message) })
    : done({ message_ts: message.ts });
}

function postEphemeral(deps: ChatDeps, args: Args): Answer {
  const user = text(args, 'user');
  if (user === undefined) return missing('user');
  return deps.workspace.user(user) === undefined ? fail('user_not_found') : post(deps, args, user);
}

function update({ workspace }: ChatDeps, args: Args): Answer {
  const message = own(workspace, args, 'cant_update_message');
  if ('ok' in message) return message;
  // Slack keeps the earlier blocks only when neither text nor blocks are given.
  const keeps = args['text'] === undefined && args['blocks'] === undefined;
  const content = keeps ? message : readContent(args, { unknown: workspace.unknownBlocks() });
  if ('ok' in content) return content;
  const revised = workspace.revise(message, { text: content.text, blocks: content.blocks });
  return done({ channel: message.channel, ts: message.ts, text: revised.text, message: messageJson(revised) });
}

function remove({ workspace }: ChatDeps, args: Args): Answer {
  const message = own(workspace, args, 'cant_delete_message');
  if ('ok' in message) return message;
  workspace.remove(message);
  return done({ channel: message.channel, ts: message.ts });
}

function permalink({ workspace }: ChatDeps, args: Args): Answer {
  const channel = text(args, 'channel') ?? '';
  const message = workspace.message(channel, text(args, 'message_ts') ?? '');
  if (message === undefined) return fail('message_not_found');
  const address = `https://sandbox.slack.com/archives/${channel}/p${message.ts.replace('.', '')}`;
  return done({ channel, permalink: address });
}

/** Creates the `chat.*` methods over a workspace. */
export const createChatMethods = (deps: ChatDeps): Readonly<Record<string, Method>> => ({
  'chat.postMessage': { scope: 'chat:write', run: (args) => post(deps, args) },
  'chat.postEphemeral': { scope: 'chat:write', run: (args) => postEphemeral(deps, args) },
  'chat.update': { scope: 'chat:write', run: (args) => update(deps, args) },
  'chat.delete': { scope: 'chat:write', run: (args) => remove(deps, args) },
  'chat.getPermalink': { run: (args) => permalink(deps, args) },
});
