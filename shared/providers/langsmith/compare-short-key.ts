/** What is known of a key without having it: its beginning, type prefix included, and its end. */
export interface KeyEnds {
  readonly head: string;
  readonly tail: string;
}

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

/** How many characters were compared from the left, or `undefined` where they differ. */
function compareStart(head: string, start: string): number | undefined {
  const length = Math.min(head.length, start.length);
  return head.slice(0, length) === start.slice(0, length) ? length : undefined;
}

function compareEnd(tail: string, end: string): number | undefined {
  const length = Math.min(tail.length, end.length);
  return length === 0 || tail.slice(-length) === end.slice(-length) ? length : undefined;
}

/**
 * Compares a `short_key` with what is known of a key. Its form is not documented, so that every plausible one is read:
 * beginning and end around a mask of dots, stars or bullets; a bare beginning. A bare text may be an end as well, which rules
 * nothing out and is no evidence: two places to fit are two chances.
 */
export function compareShortKey(shortKey: string, key: KeyEnds): ShortKeyMatch {
  const shown = shortKey.trim();
  const pieces = shown.split(MASK);
  const prefixLength = TYPE_PREFIX.exec(key.head)?.[0].length ?? 0;
  const secretOf = (start: number | undefined) => start && Math.max(0, start - prefixLength);
  const start = secretOf(compareStart(key.head, pieces[0] ?? ''));
  if (pieces.length > 1) {
    const end = compareEnd(key.tail, pieces.at(-1) ?? '');
    if (start === undefined || end === undefined) return { isPossible: false, evidence: 0 };
    return { isPossible: true, evidence: start + end };
  }
  if (start !== undefined) return { isPossible: true, evidence: start };
  const prefix = TYPE_PREFIX.exec(shown)?.[0] ?? '';
  const isEnd = key.head.startsWith(prefix) && compareEnd(key.tail, shown.slice(prefix.length)) !== undefined;
  return { isPossible: isEnd, evidence: 0 };
}
