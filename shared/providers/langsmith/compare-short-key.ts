import { type KeyEnds, MOST_CHARACTERS } from './key-ends.ts';

/** Whether a masked key can be this one, and how many secret characters say so. */
export interface ShortKeyMatch {
  readonly isPossible: boolean;
  readonly evidence: number;
}

/** Secret characters after which a row is spared as possibly our own. Killing takes more: `isEnoughAmong`. */
export const ENOUGH_TO_SPARE = 4;

const BITS_PER_CHARACTER = 4;
/** One foreign key in a million is taken for a row by chance. */
const SPARE_BITS = 20;

/** True when this many agreeing characters single out one row among so many: a foreign key fits some row by chance. */
export function isEnoughAmong(characters: number, rows: number): boolean {
  return BITS_PER_CHARACTER * characters >= Math.log2(Math.max(1, rows)) + SPARE_BITS;
}

const MASK = /[…•*]+|\.{2,}/u;
const TYPE_PREFIX = /^lsv2_(?:pt|sk)_/;

/** How many secret characters were compared, or `undefined` where they differ; 0 where nobody can tell. */
function compare(characters: string, agrees: (characters: string) => boolean | undefined): number | undefined {
  if (characters === '') return 0;
  switch (agrees(characters)) {
    case true:
      return characters.length;
    case false:
      return undefined;
    case undefined:
      return 0;
  }
}

function compareStart(start: string, { prefix, beginsWith }: KeyEnds): number | undefined {
  if (prefix.startsWith(start)) return 0;
  if (!start.startsWith(prefix)) return undefined;
  return compare(start.slice(prefix.length).slice(0, MOST_CHARACTERS), beginsWith);
}

function compareEnd(end: string, { endsWith }: KeyEnds): number | undefined {
  return compare(end.slice(-MOST_CHARACTERS), endsWith);
}

/**
 * Compares a `short_key` with what is known of a key. Its form is not documented, so that every plausible one is read:
 * beginning and end around a mask of dots, stars or bullets; a bare beginning. A bare text may be an end as well, which rules
 * nothing out and is no evidence: two places to fit are two chances.
 */
export function compareShortKey(shortKey: string, key: KeyEnds): ShortKeyMatch {
  const shown = shortKey.trim();
  const pieces = shown.split(MASK);
  const start = compareStart(pieces[0] ?? '', key);
  if (pieces.length > 1) {
    const end = compareEnd(pieces.at(-1) ?? '', key);
    if (start === undefined || end === undefined) return { isPossible: false, evidence: 0 };
    return { isPossible: true, evidence: start + end };
  }
  if (start !== undefined) return { isPossible: true, evidence: start };
  const prefix = TYPE_PREFIX.exec(shown)?.[0] ?? '';
  const isEnd = key.prefix.startsWith(prefix) && compareEnd(shown.slice(prefix.length), key) !== undefined;
  return { isPossible: isEnd, evidence: 0 };
}
