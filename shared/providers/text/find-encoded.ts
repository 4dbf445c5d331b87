import type { Match } from './shape.ts';
import type { Readings, TextView } from './unwrap.ts';

/** What was found in a decoded text, at its place there. */
type Search<T extends Match> = (text: string) => readonly T[];

/** What decodes to text is text; sixteen such bytes in a row hardly ever come about by chance. UTF-16 and UTF-32 have zeros between. */
const TEXT = /(?:[\x07-\r\x1b -~]\0{0,3}){16,}/g;

interface Encoding {
  readonly run: RegExp;
  readonly decode: (run: string) => Buffer;
  /** What stands before it without a blank (a path, another word) may shift its groups: one try for each of their characters. */
  readonly tries: number;
  /** Characters of a group, and the bytes that they hold. */
  readonly group: number;
  readonly bytes: number;
}

const BASE64: Encoding = {
  run: /[A-Za-z0-9+/_-]{28,}={0,2}/g,
  decode: (run) => Buffer.from(run, 'base64'),
  tries: 4,
  group: 4,
  bytes: 3,
};
const HEX: Encoding = {
  run: /[0-9a-f]{32,}/gi,
  decode: (run) => Buffer.from(run, 'hex'),
  tries: 2,
  group: 2,
  bytes: 1,
};
const BASE32: Encoding = { run: /[A-Z2-7]{38,}/g, decode: decodeBase32, tries: 8, group: 8, bytes: 5 };
/** Sentences whose blanks are left out are letters, too: only of one word. */
const BASE32_SMALL: Encoding = { ...BASE32, run: /[a-z2-7]{38,}/g };
/** It has no groups: a word is read as a whole or not at all. Of longer ones the time to read them grows with the square. */
const BASE58: Encoding = {
  run: /(?<![A-Za-z0-9])[1-9A-HJ-NP-Za-km-z]{33,2000}(?![A-Za-z0-9])/g,
  decode: decodeBase58,
  tries: 1,
  group: 1,
  bytes: 1,
};

/** Every run of the four last ones holds such. */
const LONG_WORD = /[A-Za-z0-9]{32}/;

/** As of RFC 4648, in letters of either size. */
function decodeBase32(run: string): Buffer {
  const bytes = Buffer.alloc(Math.floor((run.length * 5) / 8));
  let [held, bits, length] = [0, 0, 0];
  for (let at = 0; at < run.length; at += 1) {
    const code = run.charCodeAt(at);
    held = ((held & 0xff) << 5) | (code < 0x40 ? code - 0x18 : (code & 0x1f) - 1);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[length] = held >> bits;
    length += 1;
  }
  return bytes;
}

const BASE58_DIGITS = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

function decodeBase58(run: string): Buffer {
  let number = 0n;
  // Nine digits at once are a number that is still exact.
  for (const [digits] of run.matchAll(/.{1,9}/g)) {
    let value = 0;
    for (const digit of digits) value = value * 58 + BASE58_DIGITS.indexOf(digit);
    number = number * BigInt(58 ** digits.length) + BigInt(value);
  }
  const hex = number.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

function findIn<T extends Match>(run: string, { decode, tries, group, bytes }: Encoding, search: Search<T>): T[] {
  return Array.from({ length: tries }, (_, shift) => {
    const text = decode(run.slice(shift)).toString('latin1');
    return [...text.matchAll(TEXT)].flatMap((stretch) =>
      search(stretch[0]).map((found) => ({
        ...found,
        start: shift + Math.floor((stretch.index + found.start) / bytes) * group,
        end: Math.min(run.length, shift + Math.ceil((stretch.index + found.end) / bytes) * group),
      })),
    );
  }).flat();
}

/** No encoding of what is looked for is shorter. */
export const SHORTEST_ENCODED = 28;

interface Reach {
  readonly encoding: Encoding;
  /** True to hide all that is encoded together, and not only where the secret stands in it. */
  readonly whole: boolean;
}

function findEncodedIn<T extends Match>(view: TextView, { encoding, whole }: Reach, search: Search<T>): T[] {
  return [...view.text.matchAll(encoding.run)].flatMap((run) =>
    findIn(run[0], encoding, search).map((found) => {
      const start = run.index + (whole ? 0 : found.start);
      const end = run.index + (whole ? run[0].replace(/=+$/, '').length : found.end);
      return { ...found, start: view.startOf(start), end: view.endOf(end - 1) };
    }),
  );
}

/**
 * Finds what `search` finds in base64, base32 and hex digits, also where lines were wrapped, and in words of base58. Places are
 * those of the original text: the whole word where it stands in one, else the groups that hold it.
 */
export function findEncoded<T extends Match>({ unwrapped, base64, hex }: Readings, search: Search<T>): readonly T[] {
  const [word] = unwrapped;
  if (word === undefined) return [];
  // One look tells most texts, in which there is nothing to decode.
  const isDrawn = LONG_WORD.test(word.text);
  const wrapped = base64.filter((view) => view !== word);
  return [
    ...[BASE64, ...(isDrawn ? [HEX, BASE32, BASE32_SMALL, BASE58] : [])].flatMap((encoding) =>
      findEncodedIn(word, { encoding, whole: true }, search),
    ),
    ...[BASE64, BASE32].flatMap((encoding) =>
      wrapped.flatMap((view) => findEncodedIn(view, { encoding, whole: false }, search)),
    ),
    ...hex.flatMap((view) => (view === word ? [] : findEncodedIn(view, { encoding: HEX, whole: false }, search))),
  ];
}
