import type { types, webApi } from '@slack/bolt';
import { defined } from '#shared/core/defined.ts';
import { Fault } from '#shared/core/fault.ts';
import { waitOutLimit } from '#shared/core/http.ts';
import type { Message } from './blocks/bricks.ts';
import { createResponseUrl } from './response-url.ts';
import { slackErrorCode, toSlackFault } from './web-client.ts';

interface ReplyDeps {
  readonly client: webApi.WebClient;
  /** The only origin to which a `response_url` may point, `https://hooks.slack.com`. */
  readonly responseUrlOrigin: string;
  readonly fetch: typeof fetch;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** Where a request came from and may be answered. */
export interface Place {
  readonly channel: string;
  readonly userId?: string;
  readonly threadTs?: string;
  readonly responseUrl?: string;
}

/** A message that exists. */
export interface Posted {
  readonly channel: string;
  /** Absent for what went through `response_url`: such a message cannot be named later. */
  readonly ts?: string;
}

/** A message to be changed: one of ours, or the one whose button was pressed. */
export interface Target extends Posted {
  readonly responseUrl?: string;
  /** Only one person sees it; Slack changes such a message through its `response_url` alone. */
  readonly ephemeral?: boolean;
}

export interface UploadedFile {
  readonly filename: string;
  readonly title: string;
  readonly content: string;
  /** Said with the file; escaped by the caller. */
  readonly comment: string;
}

/**
 * Says things in Slack. Every message carries fallback text, and Slack unfurls and links nothing in it by itself. Texts
 * must come escaped. All methods throw `slack_unavailable` (worth another try) or `slack_rejected` (not).
 */
export interface Reply {
  /** Says it in the channel; where the bot is no member, through `response_url`. */
  post(place: Place, message: Message): Promise<Posted>;
  /** Changes a message in place; one that Slack does not let us update, through `response_url` where it is given. */
  edit(target: Target, message: Message): Promise<void>;
  /** Says it to one person alone: beside the request where possible, else by direct message. */
  whisper(place: Place & { readonly userId: string }, message: Message): Promise<void>;
  /** Sends a direct message. */
  tell(userId: string, message: Message): Promise<Posted>;
  /** Says it in a message's thread. */
  note(message: { readonly channel: string; readonly ts: string }, words: Message): Promise<Posted>;
  /** Uploads a text as a file into a channel or thread. */
  upload(place: Pick<Place, 'channel' | 'threadTs'>, file: UploadedFile): Promise<void>;
  /** Fills an open modal; false when it is no longer open. */
  updateView(viewId: string, view: types.View): Promise<boolean>;
  /** Shows a person's App Home. */
  publishHome(userId: string, view: types.HomeView): Promise<void>;
}

/** Slack will not let the bot speak there, but a `response_url` may. */
const NO_ENTRY = new Set(['not_in_channel', 'channel_not_found', 'restricted_action', 'is_archived', 'no_permission']);
/** The message is beyond `chat.update`. */
const NOT_EDITABLE = new Set([...NO_ENTRY, 'message_not_found', 'cant_update_message', 'edit_window_closed']);
/** The person cannot be whispered to in that channel. */
const NOT_THERE = new Set([...NO_ENTRY, 'user_not_in_channel']);
/** The modal was closed. */
const CLOSED = new Set(['not_found', 'view_not_found']);
const QUIET = { unfurl_links: false, unfurl_media: false, parse: 'none' } as const;

/** What a message can go by: Slack's methods, each waiting a limit out, and a `response_url`. */
interface Ways {
  readonly client: webApi.WebClient;
  /** Throws the fault of a method that Slack refused. */
  readonly call: <T>(method: string, send: () => Promise<T>) => Promise<T>;
  readonly viaResponseUrl: ReturnType<typeof createResponseUrl>;
}

/** Builds the one way in which the workers talk. */
export function createReply({ client, responseUrlOrigin, fetch, now, sleep }: ReplyDeps): Reply {
  const call: Ways['call'] = (method, send) => {
    const attempt = () =>
      send().catch((error: unknown) => {
        throw toSlackFault(method, error);
      });
    return waitOutLimit(attempt, sleep);
  };
  const ways = { client, call, viaResponseUrl: createResponseUrl({ origin: responseUrlOrigin, fetch, now, sleep }) };
  return {
    post: (place, message) => postOrRespond(ways, place, message),
    edit: (target, message) => edit(ways, target, message),
    whisper: (place, message) => whisper(ways, place, message),
    tell: (userId, message) => tell(ways, userId, message),
    note: ({ channel, ts }, message) => post(ways, { channel, threadTs: ts }, message),
    upload: async ({ channel, threadTs }, { filename, title, content, comment }) => {
      const file = { channel_id: channel, filename, title, content, initial_comment: comment };
      await call('files.upload', () =>
        threadTs === undefined ? client.filesUploadV2(file) : client.filesUploadV2({ ...file, thread_ts: threadTs }),
      );
    },
    updateView: async (viewId, view) => {
      const update = async () => {
        await call('views.update', () => client.views.update({ view_id: viewId, view }));
        return true;
      };
      return otherwise(CLOSED, update, viewId, () => Promise.resolve(false));
    },
    publishHome: async (userId, view) => {
      await call('views.publish', () => client.views.publish({ user_id: userId, view }));
    },
  };
}

async function post({ client, call }: Ways, { channel, threadTs }: Place, message: Message): Promise<Posted> {
  const thread = defined({ thread_ts: threadTs });
  const sent = await call('chat.postMessage', () =>
    client.chat.postMessage({ channel, ...toSlack(message), ...thread }),
  );
  return { channel: sent.channel ?? channel, ...defined({ ts: sent.ts }) };
}

function postOrRespond(ways: Ways, place: Place, message: Message): Promise<Posted> {
  const respond = async (url: string): Promise<Posted> => {
    await ways.viaResponseUrl(url, { ...toSlack(message), response_type: 'in_channel' });
    return { channel: place.channel };
  };
  return otherwise(NO_ENTRY, () => post(ways, place, message), place.responseUrl, respond);
}

async function tell(ways: Ways, users: string, message: Message): Promise<Posted> {
  const { channel } = await ways.call('conversations.open', () => ways.client.conversations.open({ users }));
  return post(ways, { channel: channel?.id ?? users }, message);
}

async function edit({ client, call, viaResponseUrl }: Ways, target: Target, message: Message): Promise<void> {
  const { channel, ts, responseUrl, ephemeral } = target;
  const response_type = ephemeral === true ? 'ephemeral' : 'in_channel';
  const replace = (url: string | undefined) =>
    viaResponseUrl(url, { ...toSlack(message), response_type, replace_original: true });
  if (ephemeral === true || ts === undefined) return replace(responseUrl);
  const update = async () => {
    await call('chat.update', () => client.chat.update({ channel, ts, ...toSlack(message), link_names: false }));
  };
  return otherwise(NOT_EDITABLE, update, responseUrl, replace);
}

async function whisper(
  ways: Ways,
  { channel, userId: user, threadTs, responseUrl }: Place & { readonly userId: string },
  message: Message,
): Promise<void> {
  const { client, call, viaResponseUrl } = ways;
  if (responseUrl !== undefined) {
    const body = { ...toSlack(message), response_type: 'ephemeral', replace_original: false };
    // Used up or too old: there is another way. Trouble that may pass by itself is passed on.
    const refused = await viaResponseUrl(responseUrl, body).catch(onlyIf('slack_rejected'));
    if (refused === undefined) return;
  }
  const thread = defined({ thread_ts: threadTs });
  const beside = async () => {
    await call('chat.postEphemeral', () =>
      client.chat.postEphemeral({ channel, user, ...toSlack(message), ...thread }),
    );
  };
  return otherwise(NOT_THERE, beside, user, async (alone) => {
    await tell(ways, alone, message);
  });
}

/** Tries one way and, when Slack refuses it for one of the reasons, another one where what that needs is given. */
async function otherwise<T>(
  reasons: ReadonlySet<string>,
  first: () => Promise<T>,
  ...[needed, second]: [needed: string | undefined, second: (needed: string) => Promise<T>]
): Promise<T> {
  try {
    return await first();
  } catch (error) {
    if (needed === undefined || !reasons.has(slackErrorCode(error) ?? '')) throw error;
    return second(needed);
  }
}

function onlyIf(code: Fault['code']): (error: unknown) => Fault {
  return (error) => {
    if (error instanceof Fault && error.code === code) return error;
    throw error;
  };
}

function toSlack({ text, blocks }: Message) {
  if (text.trim() === '') throw new Fault('config_invalid', 'a message has no fallback text');
  return { text, blocks, ...QUIET };
}
