import { defined } from '#shared/core/defined.ts';
import { hmacSha256, isEqualConstantTime } from '#shared/core/hmac-sha256.ts';
import type { Press } from './listeners/press.ts';
import type { Reply } from './reply.ts';

/** 12 bytes in base64url behind a separator that neither JSON nor an id ends with. */
const MAC = /^([\s\S]*)~([\w-]{16})$/;
const MAC_BYTES = 12;

/** What a value was made for: `patrol:undo` of `patrol:undo:2`. A signed value does nothing under another. */
function purposeOf(actionId: string): string {
  return /^patrol:(?:modal:)?[^:]+/.exec(actionId)?.[0] ?? actionId;
}

function macOf(key: Buffer, actionId: string, value: string): string {
  return hmacSha256(key, `${purposeOf(actionId)}\n`, value)
    .subarray(0, MAC_BYTES)
    .toString('base64url');
}

/** Signs the value of every button and menu option in a message or view, each for the action that carries it. Pure. */
export function signValues<T>(key: Buffer, part: T): T {
  if (Array.isArray(part)) return part.map((each: unknown) => signValues(key, each)) as T;
  if (typeof part !== 'object' || part === null) return part;
  const { type, action_id: action, value, options } = part as Partial<Record<string, unknown>>;
  if ((type !== 'button' && type !== 'overflow') || typeof action !== 'string') {
    return Object.fromEntries(Object.entries(part).map(([name, each]) => [name, signValues(key, each)])) as T;
  }
  const signed = (text: unknown) => (typeof text === 'string' ? `${text}~${macOf(key, action, text)}` : undefined);
  const choices = (options as readonly { readonly value?: unknown }[] | undefined)?.map((option) => ({
    ...option,
    ...defined({ value: signed(option.value) }),
  }));
  return { ...part, ...defined({ value: signed(value), options: choices }) };
}

/** Gives a press with the value that was signed for its action; one that nobody signed for it loses its value. */
export function openPress(key: Buffer, { actionId, value }: Press): Press {
  const [, plain, mac] = MAC.exec(value ?? '') ?? [];
  const isOurs = plain !== undefined && mac !== undefined && isEqualConstantTime(mac, macOf(key, actionId, plain));
  return { actionId, value: isOurs ? plain : undefined };
}

/** Makes a reply whose every button carries a signed value: what Patrol did not make does nothing when it is pressed. */
export function signReplies(key: Buffer, reply: Reply): Reply {
  return {
    post: (place, message) => reply.post(place, signValues(key, message)),
    find: (channel, key) => reply.find(channel, key),
    edit: (target, message) => reply.edit(target, signValues(key, message)),
    whisper: (place, message) => reply.whisper(place, signValues(key, message)),
    tell: (userId, message) => reply.tell(userId, signValues(key, message)),
    note: (message, words) => reply.note(message, signValues(key, words)),
    upload: (place, file) => reply.upload(place, file),
    updateView: (viewId, view) => reply.updateView(viewId, signValues(key, view)),
    publishHome: (userId, view) => reply.publishHome(userId, signValues(key, view)),
  };
}
