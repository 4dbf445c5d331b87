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

/** Secret characters that have to be seen and agree before a match counts as sure. */
export const ENOUGH_EVIDENCE = 4;

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
 * beginning and end around a mask of dots, stars or bullets; a bare beginning; the type prefix with the end.
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
  const prefix = TYPE_PREFIX.exec(shown)?.[0] ?? '';
  const end = key.head.startsWith(prefix) ? compareEnd(key.tail, shown.slice(prefix.length)) : undefined;
  return { isPossible: start !== undefined || end !== undefined, evidence: Math.max(start ?? 0, end ?? 0) };
}
