import { gunzipSync, gzipSync } from 'node:zlib';
import { Fault } from '#shared/core/fault.ts';

/** A JSON value as an item holds it: text that can be read in the console, or gzip of that text when it is long. */
export type Packed = string | Uint8Array;

/** Longer texts are compressed: an item ends at 400 kB, and every write costs by the kilobyte. */
const PLAIN_BYTES = 50_000;
/** Leaves room for keys and the other attributes. */
const MOST_BYTES = 390_000;

/**
 * Packs a JSON value into at most 390 kB; `undefined` stays `undefined`. What is still larger is packed as one of its
 * shorter forms makes it, in their order; where none fits, `config_invalid` is thrown, because another try would meet the
 * same limit.
 */
export function pack<T>(value: T, shorter: readonly ((value: T) => T)[] = []): Packed | undefined {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined || Buffer.byteLength(text) <= PLAIN_BYTES) return text;
  const packed = gzipSync(text);
  if (packed.byteLength <= MOST_BYTES) return packed;
  const [first, ...others] = shorter;
  if (first !== undefined) return pack(first(value), others);
  throw new Fault('config_invalid', `a value of ${packed.byteLength} packed bytes is too large for one item`);
}

/** Gives back what was packed. */
export function unpack<T>(packed: Packed | undefined): T | undefined {
  if (packed === undefined) return undefined;
  return JSON.parse(typeof packed === 'string' ? packed : gunzipSync(packed).toString('utf8')) as T;
}
