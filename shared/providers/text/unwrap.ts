import { joinExpressions } from './join-expressions.ts';

/** A reading of a text in which every character knows where it stands in the original. */
export interface TextView {
  readonly text: string;
  /** Where the character at `index` begins and ends in the original. */
  readonly startOf: (index: number) => number;
  readonly endOf: (index: number) => number;
  /** True where blanks, quotes or line marks of the original were left out just before the character at `index`. */
  readonly gapBefore: (index: number) => boolean;
}

/** A stretch of a view, from `at` on: a copy of what is read from `start` on, or characters that stand for `[start, end)`. */
interface Stretch {
  readonly at: number;
  readonly start: number;
  readonly end?: number;
}

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

interface Rewriting {
  /** Linear, and global. */
  readonly expression: RegExp;
  /** What stands there instead; `undefined` leaves it. Without it the match is left out. */
  readonly read?: (groups: Groups) => string | undefined;
  /** True where what is left out may stand between two words. */
  readonly isGap: boolean;
}

type Groups = Readonly<Record<string, string | undefined>>;

function stretchesOf(text: string, { expression, read }: Rewriting): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let [length, done] = [0, 0];
  const add = (characters: number, stretch: Omit<Stretch, 'at'>) => {
    if (characters === 0) return;
    stretches.push({ at: length, ...stretch });
    length += characters;
  };
  for (const match of text.matchAll(expression)) {
    const plain = read === undefined ? '' : read(match.groups ?? {});
    if (plain === undefined) continue;
    const end = match.index + match[0].length;
    add(match.index - done, { start: done });
    add(plain.length, { start: match.index, end });
    done = end;
  }
  add(text.length - done, { start: done });
  return stretches;
}

/** `replaceAll` with a function costs ten times as much. */
function replaceEach(text: string, expression: RegExp, read: NonNullable<Rewriting['read']>): string {
  const pieces: string[] = [];
  let done = 0;
  for (const match of text.matchAll(expression)) {
    const plain = read(match.groups ?? {});
    if (plain === undefined) continue;
    pieces.push(text.slice(done, match.index), plain);
    done = match.index + match[0].length;
  }
  return done === 0 ? text : [...pieces, text.slice(done)].join('');
}

/**
 * Reads a view with other characters in the place of some. Gives the very same view where it changes nothing. Where each
 * character stands is worked out when somebody asks: in most texts nothing is found.
 */
function rewrite(view: TextView, rewriting: Rewriting): TextView {
  const { expression, read, isGap } = rewriting;
  const text = read === undefined ? view.text.replaceAll(expression, '') : replaceEach(view.text, expression, read);
  if (text === view.text) return view;
  let known: readonly Stretch[] | undefined;
  const find = (index: number) => findStretch((known ??= stretchesOf(view.text, rewriting)), index);
  const startIn = ({ at, start, end }: Stretch, index: number) => (end === undefined ? start + index - at : start);
  return {
    text,
    startOf: (index) => view.startOf(startIn(find(index), index)),
    endOf: (index) => {
      const { at, start, end } = find(index);
      return view.endOf(end === undefined ? start + index - at : end - 1);
    },
    gapBefore: (index) => {
      const stretch = find(index);
      return (isGap && stretch.at === index) || view.gapBefore(startIn(stretch, index));
    },
  };
}

/** Colours and titles of a terminal, also where the escape is written out. */
const TERMINAL =
  /(?:(?:\u{1b}|\\{1,4}(?:u001b|x1b|033|e))\[|\u{9b})[0-9;?]{0,20}[a-z]|\u{1b}\][^\u{7}\u{1b}]{0,300}(?:\u{7}|\u{1b}\\)/iu;
/** What nobody sees: ignorable characters, controls, marks above and below letters. */
const INVISIBLE = /[\p{DI}\p{M}\u{0}-\u{8}\u{e}-\u{1f}\u{7f}]/u;
const PERCENT = /%(?:25){0,3}(?:u00)?(?<percent>[0-9a-f]{2})/iu;
/** Escapes of JSON, JavaScript, Perl, C and Markdown. */
const BACKSLASH =
  /\\{1,4}(?:u(?:0000)?00(?<unicode>[0-9a-f]{2})|x(?<hex>[0-9a-f]{2})|[ux]\{0{0,6}(?<braced>[0-9a-f]{2})\}|0?(?<octal>[01][0-7]{2})|(?<blank>[nrt])|(?<plain>[-_.+/="']))/iu;
const ENTITY = /&(?:amp;){0,3}(?:#x0{0,8}(?<entity>[0-9a-f]{2})|#0{0,8}(?<decimal>\d{2,3})|(?<named>[a-z]{2,16}));/iu;
/** Quoted-printable: several in a row, or what an encoded word of a mail's header makes of `_`, `.` and `-` between letters. */
const QUOTED =
  /=(?<quoted>(?:5F|2E|2D)(?<=[a-z0-9]=..)(?=[a-z0-9])|[0-9a-f]{2}(?:(?==[0-9a-f]{2})|(?<==[0-9a-f]{2}=..)))/iu;
/** Letters of some keyboards, of mathematics, raised and in circles; the dashes of text processors. */
const OTHER_LETTER =
  /(?<letter>[\u00b2\u00b3\u00b9\u2070-\u209f\u2100-\u214f\u2460-\u24ff\ufb00-\ufb06\uff01-\uff5e\u{1d400}-\u{1d7ff}\u{1f130}-\u{1f149}])|(?<dash>[\u2010-\u2015\u2212\ufe58\ufe63])/u;

/** Capitals on a dark ground and those of flags, of which Unicode says no letter. */
const FLAG = /(?<flag>[\u{1f150}-\u{1f169}\u{1f170}-\u{1f189}\u{1f1e6}-\u{1f1ff}])/u;
const FLAG_ROWS = [0x1f1e6, 0x1f170, 0x1f150] as const;

/** Letters of Cyrillic and Greek that nobody can tell from ours, and ours, in the same order. */
const LOOKALIKES =
  '\u0430\u0441\u0501\u0435\u04bb\u0456\u0458\u043e\u0440\u051b\u0455\u051d\u0445\u0443\u0410\u0412\u0421\u0415\u041d\u0406\u0408\u041a\u041c\u041e\u0420\u0405\u0422\u0425\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf';
const ORIGINALS = 'acdehijopqswxyABCEHIJKMOPSTXABEZHIKMNOPTYXo';
/** Greek and Cyrillic: what is none of these stays as it is. */
const LOOKALIKE = /(?<lookalike>[\u0391-\u03c9\u0410-\u052f])/u;

/** What people and programs put into a secret without changing it. */
const NOTHING = joinExpressions([TERMINAL, INVISIBLE], 'giu');
/** What they put in the place of its characters. */
const DISGUISE = joinExpressions([PERCENT, BACKSLASH, ENTITY, QUOTED, OTHER_LETTER, FLAG, LOOKALIKE], 'giu');

const NAMED: ReadonlyMap<string, string> = new Map([
  ['lowbar', '_'],
  ['underbar', '_'],
  ['period', '.'],
  ['hyphen', '-'],
  ['dash', '-'],
  ['plus', '+'],
  ['sol', '/'],
  ['equals', '='],
  ['nbsp', ' '],
  ['newline', '\n'],
  ['tab', '\t'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['amp', '&'],
  ['shy', ''],
  ['zwj', ''],
  ['zwnj', ''],
  ['zerowidthspace', ''],
]);

/** Printable ASCII and blanks; of what introduces another escape it is not known how often it was meant to be read. */
const IS_TELLING = /^[\s!-~]$/;
const IS_PLAIN = /^[!-~]{1,4}$/;

function undisguise(groups: Groups): string | undefined {
  const { blank, plain, named, letter, flag, lookalike, dash, octal, decimal } = groups;
  if (blank !== undefined) return '\n';
  if (plain !== undefined) return plain;
  if (dash !== undefined) return '-';
  if (named !== undefined) return NAMED.get(named.toLowerCase());
  if (lookalike !== undefined) return ORIGINALS[LOOKALIKES.indexOf(lookalike)];
  if (letter !== undefined) {
    const bare = letter.normalize('NFKC');
    return IS_PLAIN.test(bare) ? bare : undefined;
  }
  if (flag !== undefined) {
    const code = flag.codePointAt(0) ?? 0;
    return String.fromCharCode(0x41 + code - (FLAG_ROWS.find((first) => code >= first) ?? code));
  }
  const { percent, unicode, hex: escaped, braced, entity, quoted } = groups;
  const hex = percent ?? unicode ?? escaped ?? braced ?? entity ?? quoted;
  const digits = hex ?? octal ?? decimal;
  if (digits === undefined) return '';
  const code = Number.parseInt(digits, hex !== undefined ? 16 : octal !== undefined ? 8 : 10);
  const character = String.fromCharCode(code);
  return IS_TELLING.test(character) && character !== '%' && character !== '\\' ? character : undefined;
}

/** Reads the text without disguises. Linear in its length. */
export function unwrap(text: string): TextView {
  return unwrapView(asIs(text));
}

function unwrapView(view: TextView): TextView {
  // UTF-16 has them between the letters of every other disguise.
  const withoutZeros = rewrite(view, { expression: /\0/g, isGap: false });
  const bare = rewrite(withoutZeros, { expression: NOTHING, isGap: false });
  return rewrite(bare, { expression: DISGUISE, read: undisguise, isGap: false });
}

function asIs(text: string): TextView {
  return { text, startOf: (index) => index, endOf: (index) => index + 1, gapBefore: () => false };
}

/**
 * What marks up a text and is none of it: tags, highlights, colours whose escape got lost, bold and struck letters, the
 * marks of comments and of quoted or changed lines, the code that puts two pieces of a string together.
 */
const MARKS = [
  /<\/?[a-z][a-z0-9:-]{0,20}(?:\s[^<>]{0,300})?\/?>|<!--[^<>]{0,300}-->/,
  /\{\/?color[^{}]{0,20}\}|@\/?kibana-highlighted-field@|\[\d{1,3}(?:;\d{1,3}){0,4}m|\*{1,3}|~~/,
  /(?<=["'`])\s*(?:[,.&+]|\|\||<>|\.\.)\s*(?:_\s*)?(?=["'`])/,
];
const LINE_MARK =
  /(?<=[\r\n])[ \t]{0,200}(?:\d{1,6}[:|.)]?|#+|\/{2,3}!?|\/?\*+\/?|-{1,3}|;+|%+|>+|\+|REM\b|dnl\b|')[ \t]+/;
const LINE_MARK_ALONE = /(?<=[\r\n])[ \t]{0,200}(?:#+|\/{2,3}!?|\/?\*+\/?|-{1,3}|;+|%+|>+|\+|')/;
/** A mark and its blank never begin a line of a wrapped secret. */
const TIGHT = joinExpressions([...MARKS, LINE_MARK], 'gi');
/** Without the blank it may be the secret's own character. */
const LOOSE = joinExpressions([...MARKS, LINE_MARK_ALONE], 'gi');

/** Reads a view without what marks it up. `loose` also takes a mark at the beginning of a line that no blank follows. */
function stripMarks(view: TextView, strictness: 'tight' | 'loose'): TextView {
  return rewrite(view, { expression: strictness === 'tight' ? TIGHT : LOOSE, isGap: true });
}

/** Reads a view as if no line break, blank or quote were in it, so that a wrapped secret is one piece again. */
export function joinLines(view: TextView): TextView {
  return rewrite(view, { expression: /[\s"'`+\\>|=]+/g, isGap: true });
}

/** The same for base64, to which `+` and `=` belong. */
function joinBase64(view: TextView): TextView {
  return rewrite(view, { expression: /[\s"'`\\>|]+/g, isGap: true });
}

/** The same for hex digits, which are often written byte by byte. */
function joinHex(view: TextView): TextView {
  return rewrite(view, { expression: /(?:0x|[\s"'`\\>|,:;-])+/gi, isGap: true });
}

/** Pieces of a list of strings, as a program holds them that joins them. */
const BETWEEN_ITEMS = /["'`]\s{0,80},\s{0,80}["'`]/g;

/** Reads them as joined: the claims of a JWT by dots, the parts of a key by underlines. */
function joinItems(view: TextView): readonly TextView[] {
  if (view.text.search(BETWEEN_ITEMS) < 0) return [];
  return ['.', '_'].map((mark) => rewrite(view, { expression: BETWEEN_ITEMS, read: () => mark, isGap: false }));
}

/** All readings of a text in which a secret is looked for; the later of a list is the better one. */
export interface Readings {
  /** Words where they stand; the first is the text without disguise. */
  readonly unwrapped: readonly TextView[];
  /** Lines put together. */
  readonly joined: readonly TextView[];
  readonly base64: readonly TextView[];
  readonly hex: readonly TextView[];
}

const distinct = (views: readonly TextView[]): readonly TextView[] => [...new Set(views)];

function readWords(text: string) {
  const raw = asIs(text);
  const unwrapped = unwrapView(raw);
  const tight = stripMarks(unwrapped, 'tight');
  // What looks like an escape may be the beginning of a secret behind a backslash or a percent sign.
  return { unwrapped, tight, words: distinct([unwrapped, raw, tight]) };
}

/** Reads a text in the ways in which words stay where they are; the first is the one without disguise. Linear in its length. */
export function wordsOf(text: string): readonly TextView[] {
  return readWords(text).words;
}

/** Reads a text in every way. Linear in its length. */
export function readingsOf(text: string): Readings {
  const { unwrapped, tight, words } = readWords(text);
  const loose = stripMarks(unwrapped, 'loose');
  const ranked = distinct([
    ...(loose === unwrapped ? [] : [loose]),
    unwrapped,
    ...(tight === unwrapped ? [] : [tight]),
  ]);
  return {
    unwrapped: words,
    joined: distinct([...joinItems(unwrapped), ...ranked.map(joinLines)]),
    base64: distinct(ranked.map(joinBase64)),
    hex: distinct([joinHex(unwrapped)]),
  };
}
