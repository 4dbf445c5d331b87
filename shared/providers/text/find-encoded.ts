import type { Match } from './shape.ts';
import type { Readings, TextView } from './unwrap.ts';

/** What was found in a decoded text, at its place there. */
type Search<T extends Match> = (text: string) => readonly T[];

/** What decodes to text is text; sixteen such bytes in a row hardly ever come about by chance. UTF-16 and UTF-32 have zeros between. */
const TEXT = /(?:[\x07-\r\x1b -~]\0{0,3}){16,}/g;

interface Encoding {
  readonly run: RegExp;
  readonly name: 'base64' | 'hex';
  /** What stands before it without a blank (a path, another word) may shift its groups. */
  readonly shifts: readonly number[];
  /** Characters of a group, and the bytes that they hold. */
  readonly group: number;
  readonly bytes: number;
}

const BASE64: Encoding = {
  run: /[A-Za-z0-9+/_-]{28,}={0,2}/g,
  name: 'base64',
  shifts: [0, 1, 2, 3],
  group: 4,
  bytes: 3,
};
const HEX: Encoding = { run: /[0-9a-f]{48,}/gi, name: 'hex', shifts: [0, 1], group: 2, bytes: 1 };

function findIn<T extends Match>(run: string, { name, shifts, group, bytes }: Encoding, search: Search<T>): T[] {
  return shifts.flatMap((shift) => {
    const text = Buffer.from(run.slice(shift), name).toString('latin1');
    return [...text.matchAll(TEXT)].flatMap((stretch) =>
      search(stretch[0]).map((found) => ({
        ...found,
        start: shift + Math.floor((stretch.index + found.start) / bytes) * group,
        end: Math.min(run.length, shift + Math.ceil((stretch.index + found.end) / bytes) * group),
      })),
    );
  });
}

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
 * Finds what `search` finds in base64 and in hex digits, also where lines were wrapped. Places are those of the original
 * text: the whole word where it stands in one, else the groups that hold it.
 */
export function findEncoded<T extends Match>({ unwrapped, base64, hex }: Readings, search: Search<T>): readonly T[] {
  const [word] = unwrapped;
  if (word === undefined) return [];
  return [
    ...findEncodedIn(word, { encoding: BASE64, whole: true }, search),
    ...findEncodedIn(word, { encoding: HEX, whole: true }, search),
    ...base64.flatMap((view) => (view === word ? [] : findEncodedIn(view, { encoding: BASE64, whole: false }, search))),
    ...hex.flatMap((view) => (view === word ? [] : findEncodedIn(view, { encoding: HEX, whole: false }, search))),
  ];
}
