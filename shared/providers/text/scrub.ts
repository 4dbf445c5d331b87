import type { Secret } from '#shared/core/secret.ts';
import type { Clue } from '../clue.ts';
import { findSecrets, toClue } from '../recognise.ts';
import { joinLines, type TextView, unwrap } from './unwrap.ts';

/** What stands in a text where a secret was. */
export const SEALED = '[sealed]';

/** A text without its secrets, and what is left of them. */
export interface Scrubbed {
  /** The text with `[sealed]` in the place of every secret. */
  readonly text: string;
  /** One clue per different token that was recognised, in the order of the text. */
  readonly clues: readonly Clue[];
  /** How many secrets were hidden that no provider of ours issued. */
  readonly unrecognised: number;
}

/** What is cut out may bring together what was apart; two rounds are the rule, and an end is certain. */
const ROUNDS = 8;

type Range = readonly [start: number, end: number];

/** A shorter text is no secret, and hiding it would tear holes into ordinary words. */
const SHORTEST = 4;
/** The shortest known secret that is also looked for across blanks. */
const SHORTEST_WRAPPED = 12;

function findKnown(view: TextView, needle: string): Range[] {
  const ranges: Range[] = [];
  for (let at = view.text.indexOf(needle); at >= 0; at = view.text.indexOf(needle, at + needle.length)) {
    ranges.push([view.startOf(at), view.endOf(at + needle.length - 1)]);
  }
  return ranges;
}

function findAllKnown(text: string, secrets: readonly Secret[]): Range[] {
  if (secrets.length === 0) return [];
  const folded = unwrap(text);
  const joined = joinLines(folded);
  return secrets.flatMap((secret) => {
    const needle = unwrap(secret.expose().trim());
    const wrapped = joinLines(needle);
    if (needle.text.length < SHORTEST || SEALED.includes(needle.text)) return [];
    const across = wrapped.text.length < SHORTEST_WRAPPED ? [] : findKnown(joined, wrapped.text);
    return [...findKnown(folded, needle.text), ...across];
  });
}

function cut(text: string, ranges: readonly Range[]): string {
  const pieces: string[] = [];
  let done = 0;
  for (const [start, end] of ranges.toSorted((left, right) => left[0] - right[0])) {
    if (start >= done) pieces.push(text.slice(done, start), SEALED);
    done = Math.max(done, end);
  }
  return [...pieces, text.slice(done)].join('');
}

/**
 * Replaces every secret in a text by `[sealed]` and keeps what is needed to find the tokens. `alsoHide` names secrets whose
 * shape nobody knows. Idempotent: what it returns contains nothing that it would hide again. Linear, and pure.
 */
export function scrub(text: string, fingerprint: (text: string) => string, alsoHide: readonly Secret[] = []): Scrubbed {
  const clues = new Map<string, Clue>();
  let unrecognised = 0;
  let rest = text;
  for (let round = 0; round < ROUNDS; round += 1) {
    const found = findSecrets(rest);
    const ranges = [...found.map(({ start, end }): Range => [start, end]), ...findAllKnown(rest, alsoHide)];
    if (ranges.length === 0) break;
    for (const one of found) {
      const clue = toClue(one, fingerprint);
      if (clue && 'fingerprint' in clue) clues.set(clue.fingerprint ?? '', clue);
      else unrecognised += 1;
    }
    rest = cut(rest, ranges);
  }
  return { text: rest, clues: [...clues.values()], unrecognised };
}
