import type { TextView } from './unwrap.ts';

/** A secret in a view: `text` is the secret itself, `[start, end)` all that has to be hidden. */
export interface Match {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** True where it is as long as its issuer makes it: nothing of it was lost in this reading. */
  readonly whole?: boolean;
}

/** Finds one form of secret in a view. */
export interface Find {
  (view: TextView): readonly Match[];
  /** What it looks for, where one expression says it. */
  readonly expression?: RegExp;
}

/** One form of secret that is kept out of queues and messages wherever it occurs in a text. Linear in the text's length. */
export interface Shape {
  readonly name: string;
  /** Finds it in the text as it stands. */
  readonly unwrapped: Find;
  /** Finds it where blanks and line breaks are left out; only for shapes that know where they end. */
  readonly joined?: Find;
}

/** Every expression must be linear: a literal start, then one greedy class. */
export function matching(
  expression: RegExp,
  canonical: (text: string) => string = (text) => text,
  isWhole: (text: string) => boolean = () => false,
): Find {
  const find = (view: TextView): readonly Match[] =>
    [...view.text.matchAll(expression)].map((match) => ({
      text: canonical(match[0]),
      start: match.index,
      end: match.index + match[0].length,
      whole: isWhole(match[0]),
    }));
  return Object.assign(find, { expression });
}
