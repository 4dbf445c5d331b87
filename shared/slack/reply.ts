import type { types, webApi } from '@slack/bolt';
import { defined } from '#shared/core/defined.ts';
import { Fault, isFault } from '#shared/core/fault.ts';
import { waitOutLimit } from '#shared/core/http.ts';
import { LATE_MS } from '#shared/core/late-ms.ts';
import { EARLY_MS } from '#shared/jobs/is-due.ts';
import { context, type Message } from './blocks/bricks.ts';
import { channelName, code } from './blocks/text.ts';
import type { Buttons } from './buttons.ts';
import { inSomeForm, plainForm, viewInSomeForm } from './plain-form.ts';
import { createResponseUrl } from './response-url.ts';
import { slackErrorCode, toSlackFault } from './to-slack-fault.ts';
import { onlyIfRefused } from './only-if-refused.ts';

interface ReplyDeps {
  readonly client: webApi.WebClient;
  /** The only origin to which a `response_url` may point, `https://hooks.slack.com`. */
  readonly responseUrlOrigin: string;
  /** What makes the buttons of each message work in it alone. */
  readonly buttons: Buttons;
  readonly fetch: typeof fetch;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** Where a request came from and may be answered. */
export interface Place {
  readonly channel: string;
  readonly userId?: string;
  readonly threadTs?: string;
  /** A reply in a thread is shown in the channel as well. */
  readonly loud?: boolean;
  readonly responseUrl?: string;
  /** What is said instead where it cannot be edited later: what goes through `response_url`. */
  readonly ifFixed?: Message;
  /** Names the message, so that an attempt which never learned its address finds it again. */
  readonly key?: string;
}

/** Where a file belongs; `alone`: to the person, whatever the channel. */
export interface UploadPlace extends Omit<Place, 'responseUrl' | 'ifFixed'> {
  readonly alone?: boolean;
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
 * Says things in Slack. Every message carries fallback text, and Slack unfurls and links nothing in it by itself. Where Slack
 * refuses the blocks of a message, window or Home tab, the same words go in plain ones, within the same call; through a
 * `response_url` and to one person alone they are plain from the first. Texts must come escaped. All methods throw `slack_unavailable`, `slack_unauthorized` (worth another try) or `slack_rejected` (not).
 */
export interface Reply {
  /**
   * Says it in the channel; where Slack refuses that, whatever its reason, through `response_url`, and else to the person
   * by direct message, which names the channel and the reason. What has a key and was not answered may still come: its fault
   * asks for another try when it can be found.
   */
  post(place: Place, message: Message): Promise<Posted>;
  /** Finds what was posted under a key lately; `undefined` when it is not there, or Slack does not let us look. */
  find(channel: string, key: string): Promise<Posted | undefined>;
  /**
   * Changes a message in place; one that Slack does not let us update, through `response_url` where it is given. An edit
   * that was not answered may still come, over what was said meanwhile: its fault asks for another try when it cannot any more.
   */
  edit(target: Target, message: Message): Promise<void>;
  /** Says it to one person alone: beside the request where possible, else by direct message. */
  whisper(place: Place & { readonly userId: string }, message: Message): Promise<void>;
  /** Sends a direct message. */
  tell(userId: string, message: Message): Promise<Posted>;
  /** Says it in a message's thread. */
  note(message: { readonly channel: string; readonly ts: string }, words: Message): Promise<Posted>;
  /**
   * Uploads a text as a file into a channel or thread, or to the person by direct message where Slack refuses that, or where
   * it is for them alone.
   */
  upload(place: UploadPlace, file: UploadedFile): Promise<Pick<Posted, 'channel'>>;
  /** Fills an open modal; false when it is no longer open. */
  updateView(viewId: string, view: types.View): Promise<boolean>;
  /** Shows a person's App Home. */
  publishHome(userId: string, view: types.HomeView): Promise<void>;
}

/**
 * What Slack says of a message that it would take nowhere. Any other refusal means "not this way": Slack has more reasons
 * (archived, read-only, not a member, another team …) than anybody could list, and adds to them.
 */
const MALFORMED = new Set([
  'invalid_arguments',
  'invalid_arg_name',
  'invalid_blocks',
  'invalid_blocks_format',
  'invalid_json',
  'markdown_text_conflict',
  'metadata_too_large',
  'msg_blocks_too_long',
  'msg_too_long',
  'no_text',
  'too_many_attachments',
]);
/** The modal was closed. */
const CLOSED = new Set(['not_found', 'view_not_found']);
/** The kind of metadata that carries a message's key. */
const KEYED = 'patrol_message';
/** How far back a message is looked for: an attempt that did not finish comes back within minutes. */
const LOOKED_AT = { pages: 3, messages: 200 } as const;
const QUIET = { unfurl_links: false, unfurl_media: false, parse: 'none' } as const;

/** What a message can go by: Slack's methods, each waiting a limit out, and a `response_url`. */
interface Ways {
  readonly client: webApi.WebClient;
  readonly buttons: Buttons;
  /** Throws the fault of a method that Slack refused. */
  readonly call: <T>(method: string, send: () => Promise<T>) => Promise<T>;
  readonly viaResponseUrl: ReturnType<typeof createResponseUrl>;
}

/** Builds the one way in which the workers talk. */
export function createReply({ client, responseUrlOrigin, buttons, fetch, now, sleep }: ReplyDeps): Reply {
  const call: Ways['call'] = (method, send) => {
    const attempt = () =>
      send().catch((error: unknown) => {
        throw toSlackFault(method, error);
      });
    return waitOutLimit(attempt, sleep);
  };
  const ways = {
    client,
    buttons,
    call,
    viaResponseUrl: createResponseUrl({ origin: responseUrlOrigin, fetch, now, sleep }),
  };
  return {
    post: (place, message) => {
      const posted = postSomehow(ways, place, message);
      return place.key === undefined ? posted : posted.catch(afterItsTime);
    },
    find: (channel, key) => find(ways, channel, key),
    edit: (target, message) => edit(ways, target, message),
    whisper: (place, message) => whisper(ways, place, message),
    tell: (userId, message) => tell(ways, userId, message),
    note: ({ channel, ts }, message) => post(ways, { channel, threadTs: ts }, message),
    upload: (place, file) => uploadOrTell(ways, place, file),
    updateView: (viewId, view) =>
      viewInSomeForm(view, async (form) => {
        await call('views.update', () => client.views.update({ view_id: viewId, view: buttons.forView(viewId, form) }));
        return true;
      }).catch((error: unknown) => {
        if (CLOSED.has(slackErrorCode(error) ?? '')) return false;
        throw error;
      }),
    publishHome: async (userId, view) => {
      await viewInSomeForm(view, (form) =>
        call('views.publish', () => client.views.publish({ user_id: userId, view: buttons.forHome(userId, form) })),
      );
    },
  };
}

function post(ways: Ways, place: Place, words: Message): Promise<Posted> {
  return inSomeForm(words, (form) => postForm(ways, place, form));
}

async function postForm(
  { client, buttons, call }: Ways,
  { channel, threadTs, loud = false, key }: Place,
  words: Message,
): Promise<Posted> {
  const { message, bind } = buttons.forPost(channel, words);
  const metadata = key === undefined ? undefined : { event_type: KEYED, event_payload: { key } };
  const inThread = threadTs === undefined ? {} : { thread_ts: threadTs, reply_broadcast: loud };
  const thread = { ...inThread, ...defined({ metadata }) };
  const sent = await call('chat.postMessage', () =>
    client.chat.postMessage({ channel, ...toSlack(message), ...thread }),
  );
  await bind(sent.ts);
  return { channel: sent.channel ?? channel, ...defined({ ts: sent.ts }) };
}

async function find({ client, call }: Ways, channel: string, key: string): Promise<Posted | undefined> {
  let cursor: string | undefined;
  for (let page = 1; page <= LOOKED_AT.pages; page += 1) {
    const query = { channel, include_all_metadata: true, limit: LOOKED_AT.messages, ...defined({ cursor }) };
    const history = await call('conversations.history', () => client.conversations.history(query)).catch(onlyIfRefused);
    const found = history?.messages?.find(
      ({ metadata }) => metadata?.event_type === KEYED && (metadata.event_payload as Keyed | undefined)?.key === key,
    );
    if (found?.ts !== undefined) return { channel, ts: found.ts };
    cursor = history?.response_metadata?.next_cursor;
    if (cursor === undefined || cursor === '') return undefined;
  }
  return undefined;
}

interface Keyed {
  readonly key?: unknown;
}

function postSomehow(ways: Ways, place: Place, message: Message): Promise<Posted> {
  const { channel, userId, responseUrl, ifFixed = message } = place;
  return firstOf(
    () => post(ways, place, message),
    responseUrl !== undefined &&
      (() =>
        inSomeForm(plainForm(ifFixed), async (form) => {
          const bound = ways.buttons.forPost(channel, form);
          await ways.viaResponseUrl(responseUrl, { ...toSlack(bound.message), response_type: 'in_channel' });
          return { channel };
        })),
    userId !== undefined && ((refusal) => tell(ways, userId, meantFor(channel, refusal, message))),
  );
}

/** The message as it is told to one person, with why it is not where it belongs. */
function meantFor(channel: string, refusal: Fault, { text, blocks }: Message): Message {
  const why = `This belongs into ${channelName(channel)}, where Slack does not let me say it (${code(slackErrorCode(refusal) ?? 'no reason given')}).`;
  return { text, blocks: [...blocks, context(why)] };
}

function uploadOrTell(
  { client, call }: Ways,
  { channel, threadTs, userId, alone = false }: UploadPlace,
  { filename, title, content, comment }: UploadedFile,
): Promise<Pick<Posted, 'channel'>> {
  const upload = async (to: string, thread?: string) => {
    const file = { channel_id: to, filename, title, content, initial_comment: comment };
    await call('files.upload', () =>
      thread === undefined ? client.filesUploadV2(file) : client.filesUploadV2({ ...file, thread_ts: thread }),
    );
    return { channel: to };
  };
  return firstOf(
    !alone && (() => upload(channel, threadTs)),
    userId !== undefined &&
      (async () => {
        const { channel: direct } = await call('conversations.open', () =>
          client.conversations.open({ users: userId }),
        );
        return upload(direct?.id ?? userId);
      }),
  );
}

async function tell(ways: Ways, users: string, message: Message): Promise<Posted> {
  const { channel } = await ways.call('conversations.open', () => ways.client.conversations.open({ users }));
  return post(ways, { channel: channel?.id ?? users }, message);
}

function edit(ways: Ways, target: Target, words: Message): Promise<void> {
  const isBesideTheBot = target.ephemeral === true || target.ts === undefined;
  const first = isBesideTheBot ? plainForm(words) : words;
  return inSomeForm(first, (form) => editForm(ways, target, form)).catch(afterItsTime);
}

function afterItsTime(error: unknown): never {
  if (!isFault(error, 'slack_unavailable') || error.status !== undefined) throw error;
  // Whoever tries again looks at a clock of its own.
  const retryAfterSeconds = error.retryAfterSeconds ?? (LATE_MS + EARLY_MS) / 1000;
  throw new Fault(error.code, error.detail, { retryAfterSeconds, cause: error.cause });
}

async function editForm(
  { client, buttons, call, viaResponseUrl }: Ways,
  target: Target,
  words: Message,
): Promise<void> {
  const { channel, ts, responseUrl, ephemeral } = target;
  const bound = (form: Message) =>
    ts === undefined ? buttons.forPost(channel, form).message : buttons.forEdit({ channel, ts }, form);
  const response_type = ephemeral === true ? 'ephemeral' : 'in_channel';
  const replace = (url: string | undefined) =>
    viaResponseUrl(url, { ...toSlack(bound(plainForm(words))), response_type, replace_original: true });
  if (ephemeral === true || ts === undefined) return replace(responseUrl);
  return firstOf(
    async () => {
      await call('chat.update', () => client.chat.update({ channel, ts, ...toSlack(bound(words)), link_names: false }));
    },
    responseUrl !== undefined && (() => replace(responseUrl)),
  );
}

function whisper(ways: Ways, place: Place & { readonly userId: string }, words: Message): Promise<void> {
  return inSomeForm(plainForm(words), (form) => whisperForm(ways, place, form));
}

async function whisperForm(
  ways: Ways,
  { channel, userId: user, threadTs, responseUrl }: Place & { readonly userId: string },
  words: Message,
): Promise<void> {
  const { client, buttons, call, viaResponseUrl } = ways;
  const { message } = buttons.forPost(channel, words);
  const thread = defined({ thread_ts: threadTs });
  return firstOf(
    responseUrl !== undefined &&
      (() => viaResponseUrl(responseUrl, { ...toSlack(message), response_type: 'ephemeral', replace_original: false })),
    async () => {
      await call('chat.postEphemeral', () =>
        client.chat.postEphemeral({ channel, user, ...toSlack(message), ...thread }),
      );
    },
    async () => {
      await tell(ways, user, words);
    },
  );
}

type Way<T> = (refusal: Fault) => Promise<T>;

/**
 * Goes the first way that Slack does not refuse. Trouble that may pass by itself is passed on, and so is a message that
 * would be refused everywhere; where all refuse, the first refusal is thrown, which later ways are told, or one that may pass.
 */
async function firstOf<T>(...ways: readonly (Way<T> | false)[]): Promise<T> {
  const none = new Fault('slack_rejected', 'no way to say it');
  let refusal: Fault | undefined;
  for (const way of ways) {
    if (way === false) continue;
    try {
      return await way(refusal ?? none);
    } catch (error) {
      if (!isRefusal(error) || MALFORMED.has(slackErrorCode(error) ?? '')) throw error;
      // What may pass by itself keeps the job, whatever other ways say.
      refusal = refusal === undefined || error.isRetryable ? error : refusal;
    }
  }
  throw refusal ?? none;
}

/** This way is closed, whether for the message or for our token; a `response_url` needs none. */
function isRefusal(error: unknown): error is Fault {
  return isFault(error, 'slack_rejected', 'slack_unauthorized');
}

function toSlack({ text, blocks }: Message) {
  if (text.trim() === '') throw new Fault('config_invalid', 'a message has no fallback text');
  return { text, blocks, ...QUIET };
}
