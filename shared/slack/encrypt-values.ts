import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import { defined } from '#shared/core/defined.ts';
import { hmacSha256, isEqualConstantTime } from '#shared/core/hmac-sha256.ts';
import { ENCRYPTED_VALUE, PRESSED_TYPES } from './encrypted-value.ts';
import type { Press } from './listeners/press.ts';

/** Where a button is: the place it was made for, and the mark of its one message there. */
export interface Bond {
  /** A channel, a window, or one person's App Home. */
  readonly place: string;
  /** Ten characters of base64url. */
  readonly mark: string;
}

/** What signs and what encrypts the values of one stage; neither key is used for anything else. */
export interface ButtonKeys {
  readonly sign: KeyObject;
  readonly encrypt: KeyObject;
}

const MAC_BYTES = 12;

/** What a value was made for: `patrol:undo` of `patrol:undo:2`. A value does nothing under another. */
function purposeOf(actionId: string): string {
  return /^patrol:(?:modal:)?[^:]+/.exec(actionId)?.[0] ?? actionId;
}

function macOf(key: KeyObject, { actionId, place, mark }: Bond & { readonly actionId: string }, value: string): Buffer {
  return hmacSha256(key, `${purposeOf(actionId)}\n${place}\n${mark}\n`, value).subarray(0, MAC_BYTES);
}

/** The MAC is the start of the counter, as in SIV (RFC 5297): the same value at the same place is the same text, and no two share a counter. */
const counterOf = (mac: Buffer): Buffer => Buffer.concat([mac, Buffer.alloc(16 - MAC_BYTES)]);

function encryptValue(keys: ButtonKeys, purpose: Bond & { readonly actionId: string }, value: string): string {
  const mac = macOf(keys.sign, purpose, value);
  const cipher = createCipheriv('aes-256-ctr', keys.encrypt, counterOf(mac));
  const hidden = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
  return `~${purpose.mark}~${mac.toString('base64url')}~${hidden.toString('base64url')}`;
}

/**
 * Signs and encrypts the value of every button and menu option in a message or view, each for the action that carries it and
 * for the message in which it stands: whoever reads the message by Slack's API learns no id from it. Pure.
 */
export function encryptValues<T>(keys: ButtonKeys, part: T, bond: Bond): T {
  if (Array.isArray(part)) return part.map((each: unknown) => encryptValues(keys, each, bond)) as T;
  if (typeof part !== 'object' || part === null) return part;
  const { type, action_id: actionId, value, options } = part as Partial<Record<string, unknown>>;
  // What stands in a form is sent with the form, and is no press.
  if (type === 'input') return part;
  if (!PRESSED_TYPES.has(type) || typeof actionId !== 'string') {
    return Object.fromEntries(Object.entries(part).map(([name, each]) => [name, encryptValues(keys, each, bond)])) as T;
  }
  const encrypted = (text: unknown) =>
    typeof text === 'string' ? encryptValue(keys, { actionId, ...bond }, text) : undefined;
  const choices = (options as readonly { readonly value?: unknown }[] | undefined)?.map((option) => ({
    ...option,
    ...defined({ value: encrypted(option.value) }),
  }));
  return { ...part, ...defined({ value: encrypted(value), options: choices }) };
}

interface ReadValue {
  readonly plain: string;
  readonly mark: string;
  readonly mac: Buffer;
}

/** Takes an encrypted value apart, without believing it; `undefined` for what has another form. */
export function readValue(keys: Pick<ButtonKeys, 'encrypt'>, value: string | undefined): ReadValue | undefined {
  const [, mark, mac64, hidden] = ENCRYPTED_VALUE.exec(value ?? '') ?? [];
  if (mark === undefined || mac64 === undefined || hidden === undefined) return undefined;
  const [mac, bytes] = [Buffer.from(mac64, 'base64url'), Buffer.from(hidden, 'base64url')];
  // One spelling for one value: base64 leaves bits over at its end that say nothing.
  if (bytes.toString('base64url') !== hidden) return undefined;
  const decipher = createDecipheriv('aes-256-ctr', keys.encrypt, counterOf(mac));
  return { plain: Buffer.concat([decipher.update(bytes), decipher.final()]).toString('utf8'), mark, mac };
}

/**
 * Gives a press with the value that was made for its action in one of these places, and the mark of the message that it
 * was made for; one that nobody made for them, or that was made before values were encrypted, loses its value.
 */
export function openPress(
  keys: ButtonKeys,
  { actionId, value }: Press,
  places: readonly string[],
): { readonly press: Press; readonly mark?: string } {
  const read = readValue(keys, value);
  const isOurs =
    read !== undefined &&
    places.some((place) =>
      isEqualConstantTime(read.mac, macOf(keys.sign, { actionId, place, mark: read.mark }, read.plain)),
    );
  return isOurs
    ? { press: { actionId, value: read.plain }, mark: read.mark }
    : { press: { actionId, value: undefined } };
}
