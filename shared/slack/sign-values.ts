import { defined } from '#shared/core/defined.ts';
import { hmacSha256, isEqualConstantTime } from '#shared/core/hmac-sha256.ts';
import type { Press } from './listeners/press.ts';

/** Where a button is: the place it was made for, and the mark of its one message there. */
export interface Bond {
  /** A channel, a window, or one person's App Home. */
  readonly place: string;
  /** Ten characters of base64url. */
  readonly mark: string;
}

/** The mark and 12 bytes of MAC in base64url, each behind a separator that neither JSON nor an id ends with. */
const SIGNED = /^([\s\S]*)~([\w-]{10})~([\w-]{16})$/;
const MAC_BYTES = 12;

/** What can be pressed. */
const SIGNED_TYPES: ReadonlySet<unknown> = new Set(['button', 'overflow', 'static_select']);

/** What a value was made for: `patrol:undo` of `patrol:undo:2`. A signed value does nothing under another. */
function purposeOf(actionId: string): string {
  return /^patrol:(?:modal:)?[^:]+/.exec(actionId)?.[0] ?? actionId;
}

function macOf(key: Buffer, { actionId, place, mark }: Bond & { readonly actionId: string }, value: string): string {
  return hmacSha256(key, `${purposeOf(actionId)}\n${place}\n${mark}\n`, value)
    .subarray(0, MAC_BYTES)
    .toString('base64url');
}

/**
 * Signs the value of every button and menu option in a message or view, each for the action that carries it and for the
 * message in which it stands. Pure.
 */
export function signValues<T>(key: Buffer, part: T, bond: Bond): T {
  if (Array.isArray(part)) return part.map((each: unknown) => signValues(key, each, bond)) as T;
  if (typeof part !== 'object' || part === null) return part;
  const { type, action_id: actionId, value, options } = part as Partial<Record<string, unknown>>;
  // What stands in a form is sent with the form, and is no press.
  if (type === 'input') return part;
  if (!SIGNED_TYPES.has(type) || typeof actionId !== 'string') {
    return Object.fromEntries(Object.entries(part).map(([name, each]) => [name, signValues(key, each, bond)])) as T;
  }
  const signed = (text: unknown) =>
    typeof text === 'string' ? `${text}~${bond.mark}~${macOf(key, { actionId, ...bond }, text)}` : undefined;
  const choices = (options as readonly { readonly value?: unknown }[] | undefined)?.map((option) => ({
    ...option,
    ...defined({ value: signed(option.value) }),
  }));
  return { ...part, ...defined({ value: signed(value), options: choices }) };
}

/**
 * Gives a press with the value that was signed for its action in one of these places, and the mark of the message that it
 * was made for; one that nobody signed for them loses its value.
 */
export function openPress(
  key: Buffer,
  { actionId, value }: Press,
  places: readonly string[],
): { readonly press: Press; readonly mark?: string } {
  const [, plain, mark, mac] = SIGNED.exec(value ?? '') ?? [];
  if (plain === undefined || mark === undefined || mac === undefined) return { press: { actionId, value: undefined } };
  const isOurs = places.some((place) => isEqualConstantTime(mac, macOf(key, { actionId, place, mark }, plain)));
  return isOurs ? { press: { actionId, value: plain }, mark } : { press: { actionId, value: undefined } };
}
