import { allEnded } from '#shared/core/all-ended.ts';
import { sha256Hex } from '#shared/core/hmac-sha256.ts';
import { Fault, isFault } from '#shared/core/fault.ts';
import { outwait } from '#shared/core/outwait.ts';
import { without } from '#shared/core/without.ts';
import type { Services } from '#shared/tokens/services.ts';
import { postingNote } from '#shared/cases/posting-note.ts';
import { adminsOf } from './admins-of.ts';
import { context, type Message } from './blocks/bricks.ts';
import { channelName, code } from './blocks/text.ts';
import { type Copy, keepCopies } from './keep-copies.ts';
import type { Posted, Reply } from './reply.ts';
import { slackErrorCode } from './to-slack-fault.ts';
import { onlyIfRefused } from './only-if-refused.ts';

/** Something that must be heard, and where it belongs. */
export interface LoudWords {
  readonly channel: string;
  readonly message: Message;
  /** The message in whose thread it is said, and in the channel as well; in the channel alone where that cannot be. */
  readonly threadTs?: string | undefined;
  /** True for what stands in its thread alone, where that takes it. */
  readonly isQuiet?: true;
  /** Stays the same for the same matter, so that it is told once and brought up to date later. */
  readonly key: string;
  /** True where the note that it is begun was written for the first time just before this. */
  readonly isBegun?: boolean;
}

/**
 * Says what must be heard. Where Slack refuses the channel, whatever its reason, every admin is told by direct message,
 * once and again when the words have changed; then `channel_closed` is thrown, so that whoever needs the channel itself
 * tries again. When the channel is in order again, the direct messages point to it. What an attempt has posted whose
 * process died, or whose answer was lost, is found again by its key and is not said a second time.
 */
export type SayLoud = (words: LoudWords) => Promise<Posted>;

/** What one admin was told instead. */
interface AdminsCopy extends Copy {
  /** What it says. */
  readonly mark?: string;
  /** ISO 8601: since when an edit of it may still come of which nobody has heard the end. */
  readonly unheard?: string;
}

interface Alone {
  readonly messages: readonly AdminsCopy[];
}

const KEPT_SECONDS = 30 * 86_400;
/** For longer than anybody who was told alone is known. */
const POSTING_SECONDS = KEPT_SECONDS + 86_400;
/** How long a channel that is out of order is left in peace. */
const PAUSE_SECONDS = 60;

/** The note that says why Slack has refused a channel, until it takes a message again. */
export const refusedNote = (channel: string): string => `refused:${channel}`;

interface SayLoudDeps {
  readonly services: Services;
  readonly reply: Reply;
}

/** Creates what says a thing that must be heard. */
export function createSayLoud(deps: SayLoudDeps): SayLoud {
  const { services } = deps;
  const { notes } = services.store;
  return async (words) => {
    const { channel, message, key, isBegun = false } = words;
    const aloneKey = `alone:${key}`;
    // Who says it first has told nobody alone before.
    const isFirst = isBegun || (await notes.claim(postingNote(key), POSTING_SECONDS, { by: markOf(services) }));
    const [before, posting] = isFirst
      ? []
      : await allEnded([notes.get<Alone>(aloneKey), notes.get<string>(postingNote(key))]);
    try {
      const posted = isFirst ? await postLoud(deps.reply, words) : await postAgain(deps, words, posting);
      if (before !== undefined) await settle(deps, { channel, aloneKey, before });
      return posted;
    } catch (error) {
      if (!isFault(error, 'slack_rejected')) throw error;
      const refusal = slackErrorCode(error) ?? 'no reason given';
      await notes.put(refusedNote(channel), refusal, KEPT_SECONDS);
      const told = await tellAdmins(deps, { channel, message, refusal, aloneKey, before });
      throw new Fault('channel_closed', `${error.detail}; told ${told} admins`, {
        retryAfterSeconds: PAUSE_SECONDS,
        cause: error,
      });
    }
  };
}

/** Takes the fault of a channel that is shut, where every admin has been told instead; throws any other. */
export function onlyIfClosed(error: unknown): false {
  if (isFault(error, 'channel_closed')) return false;
  throw error;
}

/** Stands for one posting: when it was begun, and nobody else's. */
function markOf({ now, newId }: Services): string {
  return `${now().toISOString()} ${newId()}`;
}

/**
 * An attempt that died, or never heard Slack's answer, may have posted it: then that message is the one. It is looked for
 * when it can have arrived.
 */
async function postAgain(deps: SayLoudDeps, words: LoudWords, posting: string | undefined): Promise<Posted> {
  const { services, reply } = deps;
  const { channel, message, key } = words;
  const there = await findArrived(deps, { channel, key, posting });
  // What Slack lets nobody edit any more is said anew.
  const isEdited = there !== undefined && (await reply.edit(there, message).then(() => true, onlyIfRefused));
  if (isEdited) return there;
  await services.store.notes.put(postingNote(key), markOf(services), POSTING_SECONDS);
  return postLoud(reply, words);
}

/** Finds what an attempt has posted under a key that died, or never heard Slack's answer; nothing where none has tried. */
export async function findPosted(
  { services, reply }: SayLoudDeps,
  { channel, key }: Pick<LoudWords, 'channel' | 'key'>,
): Promise<Posted | undefined> {
  const posting = await services.store.notes.get<string>(postingNote(key));
  return posting === undefined ? undefined : findArrived({ services, reply }, { channel, key, posting });
}

/** Looks for a message when whatever was posted under its key can have arrived. */
async function findArrived(
  { services, reply }: SayLoudDeps,
  { channel, key, posting }: Pick<LoudWords, 'channel' | 'key'> & { readonly posting: string | undefined },
): Promise<Posted | undefined> {
  const [last = ''] = String(posting).split(' ');
  await outwait(services, last);
  return reply.find(channel, key);
}

function postLoud(reply: Reply, { channel, threadTs, isQuiet, message, key }: LoudWords): Promise<Posted> {
  const place = { channel, key };
  if (threadTs === undefined) return reply.post(place, message);
  return reply.post({ ...place, threadTs, loud: isQuiet !== true }, message).catch((error: unknown) => {
    // A thread whose first message is gone, or a channel without threads.
    if (!isFault(error, 'slack_rejected')) throw error;
    return reply.post(place, message);
  });
}

interface Telling extends Pick<LoudWords, 'channel' | 'message'> {
  readonly refusal: string;
  readonly aloneKey: string;
  readonly before: Alone | undefined;
}

/** Tells each admin, or brings up to date what they were told; where one fails the others are told all the same. Gives how many know. */
async function tellAdmins(
  { services, reply }: SayLoudDeps,
  { channel, message, refusal, aloneKey, before }: Telling,
): Promise<number> {
  const mark = sha256Hex(JSON.stringify([refusal, message.text]));
  const why = `You are told because Slack does not let me say it in ${channelName(channel)} (${code(refusal)}). I keep trying. Mend it: unarchive the channel, or invite me, or name another one in the policy.`;
  const words = { text: message.text, blocks: [...message.blocks, context(why)] };
  const { copies, keep } = keepingCopies(services, aloneKey, before);
  const one = async (userId: string): Promise<void> => {
    const known = copies.get(userId);
    if (known?.mark === mark) return;
    if (known?.ts === undefined) {
      await keep(userId, { userId, ...(await reply.tell(userId, words)), mark });
      return;
    }
    await outwait(services, known.unheard);
    await keep(userId, { ...without(known, 'mark'), unheard: services.now().toISOString() });
    await reply.edit(known, words);
    await keep(userId, { ...without(known, 'unheard'), mark });
  };
  // One who cannot be told (gone, or no messages wanted) hides it from no other.
  const gone = (userId: string) => async (error: unknown) => {
    onlyIfRefused(error);
    if (copies.has(userId)) await keep(userId, undefined);
  };
  await allEnded((await adminsOf(services)).map((userId) => one(userId).catch(gone(userId))));
  return copies.size;
}

function keepingCopies({ store }: Services, aloneKey: string, before: Alone | undefined) {
  return keepCopies(before?.messages ?? [], (messages) => {
    // Once nobody is known any more the note may go.
    const kept: Alone = { messages };
    return store.notes.put(aloneKey, kept, messages.length === 0 ? 1 : KEPT_SECONDS);
  });
}

/** The channel takes messages again: those that were told alone are pointed to it, whom Slack does not answer for by the next try. */
async function settle(
  { services, reply }: SayLoudDeps,
  { channel, aloneKey, before }: { readonly channel: string; readonly aloneKey: string; readonly before: Alone },
): Promise<void> {
  const text = `This is in ${channelName(channel)} now, where it goes on.`;
  const { keep } = keepingCopies(services, aloneKey, before);
  await services.store.notes.put(refusedNote(channel), '', 1);
  const one = async (copy: AdminsCopy): Promise<void> => {
    await outwait(services, copy.unheard);
    await reply.edit(copy, { text, blocks: [context(text)] }).catch(onlyIfRefused);
    await keep(copy.userId, undefined);
  };
  await allEnded(before.messages.map(one));
}
