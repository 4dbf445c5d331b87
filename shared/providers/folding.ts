/** A reading of a text in which every character knows where it stands in the original: `[starts[i], ends[i])`. */
export interface View {
  readonly text: string;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** True where characters of the original were left out before this one because of a line break, blank or quote. */
  readonly gapBefore: (index: number) => boolean;
}

/**
 * What people and programs put into or around a secret without changing it: invisible characters, percent-encoding (also
 * twice), backslash escapes of JSON and Markdown, numeric HTML entities, full-width letters of some keyboards.
 */
const DISGUISE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /[\p{DI}\u{0}-\u{8}\u{e}-\u{1f}\u{7f}]|%(?:25){0,3}(?<percent>[0-9a-f]{2})|\\{1,4}(?:u00(?<unicode>[0-9a-f]{2})|x(?<hex>[0-9a-f]{2})|(?<blank>[nrt])|(?<plain>[-_.+/=]))|&#(?:x(?<entity>[0-9a-f]{2})|(?<decimal>\d{2,3}));|(?<wide>[\uff01-\uff5e])/giu;

const IS_TELLING = /[A-Za-z0-9_.\-+/=\s]/;

/** What may stand between the pieces of a wrapped secret: blanks, quotes, and the marks of continued or quoted lines. */
const IS_GAP = /[\s"'`+\\>|=]/;

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
export function fold(text: string): View {
  const characters: string[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  const copy = (from: number, to: number) => {
    for (let index = from; index < to; index += 1) {
      characters.push(text.charAt(index));
      starts.push(index);
      ends.push(index + 1);
    }
  };
  let done = 0;
  for (const match of text.matchAll(DISGUISE)) {
    const plain = undisguise(match.groups ?? {});
    if (plain === undefined) continue;
    copy(done, match.index);
    done = match.index + match[0].length;
    if (plain === '') continue;
    characters.push(plain);
    starts.push(match.index);
    ends.push(done);
  }
  copy(done, text.length);
  return { text: characters.join(''), starts, ends, gapBefore: () => false };
}

/** Reads a view as if no line break, blank or quote were in it, so that a wrapped secret is one piece again. */
export function joinLines(view: View): View {
  const characters: string[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  const gaps = new Set<number>();
  for (let index = 0; index < view.text.length; index += 1) {
    const character = view.text.charAt(index);
    if (IS_GAP.test(character)) {
      gaps.add(characters.length);
      continue;
    }
    characters.push(character);
    starts.push(view.starts[index] ?? 0);
    ends.push(view.ends[index] ?? 0);
  }
  return { text: characters.join(''), starts, ends, gapBefore: (index) => gaps.has(index) };
}
