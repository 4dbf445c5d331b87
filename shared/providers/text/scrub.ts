import type { Fingerprint } from '#shared/core/fingerprint.ts';
import type { Secret } from '#shared/core/secret.ts';
import type { Clue } from '../clue.ts';
import type { FindSecrets } from '../find-once.ts';
import { findSecrets, toClue } from '../recognise.ts';
import { joinExpressions } from './join-expressions.ts';
import { findRandom, looksRandom } from './looks-random.ts';
import { findEncoded, SHORTEST_ENCODED } from './find-encoded.ts';
import { joinLines, readingsOf, type TextView, unwrap, wordsOf } from './unwrap.ts';

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

/** Letters of one size. Only ours: others may grow, and places would not be the same any more. */
const inSmall = (text: string): string => text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());

function findKnown(view: TextView, needle: string): Range[] {
  const ranges: Range[] = [];
  for (let at = view.text.indexOf(needle); at >= 0; at = view.text.indexOf(needle, at + needle.length)) {
    ranges.push([view.startOf(at), view.endOf(at + needle.length - 1)]);
  }
  return ranges;
}

/** Where a value ends that stands in a text with its name, its scheme or its quotes. */
const BETWEEN_PIECES = /[\s=:"'`,;@&?<>()[\]{}|]+/;
const SHORTEST_PIECE = 8;
/** Enough for every form of configuration, and a limit for a whole file that was sent as a secret. */
const MOST_PIECES = 20;

/** What a secret may hold that is worth hiding by itself: the value of an assignment, the word behind a scheme. */
function piecesOf(secret: string): readonly string[] {
  const pieces = secret.split(BETWEEN_PIECES).filter((piece) => piece !== '');
  const last = pieces.at(-1);
  const telling = pieces.filter((piece) => piece === last || /\d/.test(piece) || looksRandom(piece));
  const longest = telling
    .filter((piece) => piece.length >= SHORTEST_PIECE && piece !== secret)
    .toSorted((left, right) => right.length - left.length);
  return [...new Set(longest)].slice(0, MOST_PIECES);
}

/** Finds what is known in a text, in letters of either size where it is long, wrapped over lines, and encoded once. */
function findAllKnown(text: string, secrets: readonly string[], isInner = false): Range[] {
  if (secrets.length === 0) return [];
  const readings = readingsOf(text);
  const small = (view: TextView): TextView => ({ ...view, text: inSmall(view.text) });
  const [words, smallWords, joined] = [readings.unwrapped, readings.unwrapped.map(small), readings.joined.map(small)];
  const ranges = secrets.flatMap((secret) => {
    const needle = unwrap(secret);
    if (needle.text.length < SHORTEST || SEALED.includes(needle.text)) return [];
    const wrapped = inSmall(joinLines(needle).text);
    if (wrapped.length < SHORTEST_WRAPPED) return words.flatMap((view) => findKnown(view, needle.text));
    return [
      ...smallWords.flatMap((view) => findKnown(view, inSmall(needle.text))),
      ...joined.flatMap((view) => findKnown(view, wrapped)),
    ];
  });
  if (isInner || text.length < SHORTEST_ENCODED) return ranges;
  const encoded = findEncoded(readings, (inner) =>
    findAllKnown(inner, secrets, true).map(([start, end]) => ({ text: '', start, end })),
  );
  return [...ranges, ...encoded.map(({ start, end }): Range => [start, end])];
}

/** User and password behind two slashes. A password may hold what should be escaped in it; a port is none. */
const BEHIND_SLASHES =
  /(?<=[\\/]{2})(?:[^\s/?#\\"'<>|]+@|[^\s/?#@:.[\\"'<>|]+:(?!\d{1,5}(?:[/?#"'<>|,;)\]}\s]|$))(?:[^\s/@"<>|]|\/(?!\/))*@)+/;
/** Browsers do without the slashes. */
const BEHIND_SCHEME = /(?<=\bhttps?:[\\/]?)[^\s/?#@:\\"'<>|]+:[^\s/?#@:\\"'<>|]+@/;
/** As Go names a database, without a scheme. */
const BEFORE_ADDRESS = /(?<![^\s"])[^\s":@<>|]*:(?!\/)[^\s"<>|]+@(?=(?:tcp|unix)\()/;
/** User and password in a URL; the user part of a link also makes it look like another host's. */
const USER_PART = joinExpressions([BEHIND_SLASHES, BEHIND_SCHEME, BEFORE_ADDRESS], 'gi');

/** An `@`, or what may be one in disguise. */
const MAY_NAME_USER = /[@%&\\=]|[^\s!-~]/;

function findUserParts(view: TextView): Range[] {
  if (!view.text.includes('@')) return [];
  return [...view.text.matchAll(USER_PART)].map(({ 0: part, index }) => [
    view.startOf(index),
    view.endOf(index + part.length - 1),
  ]);
}

/** What is dropped may bring together what was apart. */
function dropUserParts(text: string): string {
  let rest = text;
  for (let round = 0; round < ROUNDS && MAY_NAME_USER.test(rest); round += 1) {
    const parts = wordsOf(rest).flatMap(findUserParts);
    if (parts.length === 0) break;
    rest = cut(rest, parts, '');
  }
  return rest;
}

function cut(text: string, ranges: readonly Range[], mark = SEALED): string {
  const pieces: string[] = [];
  let done = 0;
  for (const [start, end] of ranges.toSorted((left, right) => left[0] - right[0])) {
    if (start >= done) pieces.push(text.slice(done, start), mark);
    done = Math.max(done, end);
  }
  return [...pieces, text.slice(done)].join('');
}

/** What is hidden besides secrets of a known shape. */
export interface AlsoHide {
  /** Secrets whose shape nobody knows, and the values in them. */
  readonly secrets?: readonly Secret[];
  /** How secrets of a known shape are found, where a caller has looked already. */
  readonly find?: FindSecrets;
  /** True for a text in which nothing that was drawn by a machine belongs: such words are hidden. */
  readonly random?: boolean;
}

/**
 * Replaces every secret in a text by `[sealed]`, drops the user part of URLs and keeps what is needed to find the tokens.
 * Idempotent: what it returns contains nothing that it would hide again. Linear, and pure.
 */
export function scrub(text: string, fingerprint: Fingerprint, also: AlsoHide = {}): Scrubbed {
  const { find = findSecrets } = also;
  let found = find(text);
  if (found.length === 0 && also.secrets === undefined && also.random !== true) {
    return { text: dropUserParts(text), clues: [], unrecognised: 0 };
  }
  const known = (also.secrets ?? []).flatMap((secret) => {
    const whole = secret.expose().trim();
    return [whole, ...piecesOf(whole)];
  });
  const clues = new Map<string, Clue>();
  let unrecognised = 0;
  let rest = text;
  for (let round = 0; round < ROUNDS; round += 1) {
    const ranges = [...found.map(({ start, end }): Range => [start, end]), ...findAllKnown(rest, known)];
    if (ranges.length === 0) break;
    for (const one of found) {
      const clue = toClue(one, fingerprint);
      if (clue && 'fingerprint' in clue) clues.set(clue.fingerprint ?? '', clue);
      else unrecognised += 1;
    }
    rest = cut(rest, ranges);
    found = find(rest);
  }
  if (also.random === true) {
    const drawn = findRandom(rest).map(({ start, end }): Range => [start, end]);
    unrecognised += drawn.length;
    rest = cut(rest, drawn);
  }
  return { text: dropUserParts(rest), clues: [...clues.values()], unrecognised };
}
