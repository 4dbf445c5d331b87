/** A reading of a text in which every character knows where it stands in the original. */
export interface TextView {
  readonly text: string;
  /** Where the character at `index` begins and ends in the original. */
  readonly startOf: (index: number) => number;
  readonly endOf: (index: number) => number;
  /** True where blanks, quotes or line marks of the original were left out just before the character at `index`. */
  readonly gapBefore: (index: number) => boolean;
}

/** A stretch of a view, from `at` on: a copy of the original from `start` on, or one character that stands for `[start, end)`. */
interface Stretch {
  readonly at: number;
  readonly start: number;
  readonly end?: number;
}

const NEVER = () => false;

/** Finds the stretch that a character belongs to by halving; there is always a first one at 0. */
function findStretch(stretches: readonly Stretch[], index: number): Stretch {
  let [low, high] = [0, stretches.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((stretches[middle]?.at ?? 0) <= index) low = middle;
    else high = middle - 1;
  }
  return stretches[low] ?? { at: 0, start: 0 };
}

/**
 * What people and programs put into or around a secret without changing it: invisible characters, percent-encoding (also
 * twice), backslash escapes of JSON and Markdown, numeric HTML entities, full-width letters of some keyboards.
 */
const DISGUISE =
  /[\p{DI}\u{0}-\u{8}\u{e}-\u{1f}\u{7f}]|%(?:25){0,3}(?<percent>[0-9a-f]{2})|\\{1,4}(?:u00(?<unicode>[0-9a-f]{2})|x(?<hex>[0-9a-f]{2})|(?<blank>[nrt])|(?<plain>[-_.+/=]))|&#(?:x(?<entity>[0-9a-f]{2})|(?<decimal>\d{2,3}));|(?<wide>[\uff01-\uff5e])/giu;

const IS_TELLING = /[A-Za-z0-9_.\-+/=\s]/;

/** All but what may stand between the pieces of a wrapped secret: blanks, quotes, the marks of continued or quoted lines. */
const BETWEEN_GAPS = /[^\s"'`+\\>|=]+/g;

function undisguise(groups: Readonly<Record<string, string | undefined>>): string | undefined {
  if (groups['blank'] !== undefined) return '\n';
  if (groups['plain'] !== undefined) return groups['plain'];
  if (groups['wide'] !== undefined) return String.fromCharCode(groups['wide'].charCodeAt(0) - 0xfee0);
  const hex = groups['percent'] ?? groups['unicode'] ?? groups['hex'] ?? groups['entity'];
  const code = hex === undefined ? Number(groups['decimal'] ?? Number.NaN) : Number.parseInt(hex, 16);
  if (Number.isNaN(code)) return '';
  const character = String.fromCharCode(code);
  return IS_TELLING.test(character) ? character : undefined;
}

/** Reads the text without disguises. Linear in its length. */
export function unwrap(text: string): TextView {
  const pieces: string[] = [];
  const stretches: Stretch[] = [];
  let [length, done] = [0, 0];
  const add = (piece: string, start: number, end?: number) => {
    if (piece === '') return;
    stretches.push(end === undefined ? { at: length, start } : { at: length, start, end });
    pieces.push(piece);
    length += piece.length;
  };
  for (const match of text.matchAll(DISGUISE)) {
    const plain = undisguise(match.groups ?? {});
    if (plain === undefined) continue;
    add(text.slice(done, match.index), done);
    done = match.index + match[0].length;
    add(plain, match.index, done);
  }
  add(text.slice(done), done);
  return {
    text: pieces.join(''),
    startOf: (index) => {
      const { at, start, end } = findStretch(stretches, index);
      return end === undefined ? start + index - at : start;
    },
    endOf: (index) => {
      const { at, start, end } = findStretch(stretches, index);
      return end ?? start + index - at + 1;
    },
    gapBefore: NEVER,
  };
}

/** Reads a view as if no line break, blank or quote were in it, so that a wrapped secret is one piece again. */
export function joinLines(view: TextView): TextView {
  const pieces: string[] = [];
  const stretches: Stretch[] = [];
  let length = 0;
  for (const match of view.text.matchAll(BETWEEN_GAPS)) {
    stretches.push({ at: length, start: match.index });
    pieces.push(match[0]);
    length += match[0].length;
  }
  const inView = (index: number) => {
    const { at, start } = findStretch(stretches, index);
    return start + index - at;
  };
  return {
    text: pieces.join(''),
    startOf: (index) => view.startOf(inView(index)),
    endOf: (index) => view.endOf(inView(index)),
    gapBefore: (index) => findStretch(stretches, index).at === index,
  };
}
