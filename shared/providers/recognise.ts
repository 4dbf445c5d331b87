import type { Fingerprint } from '#shared/core/fingerprint.ts';
import { Secret } from '#shared/core/secret.ts';
import type { Clue } from './clue.ts';
import { RECOGNISERS } from './recognisers.ts';
import { findEncoded } from './text/find-encoded.ts';
import type { Match, Shape } from './text/shape.ts';
import { SHAPES } from './text/shapes.ts';
import { readingsOf, type TextView } from './text/unwrap.ts';

/** A secret in a text: `[start, end)` is all that belongs to it there, disguise and line breaks included. */
export interface FoundSecret {
  readonly secret: Secret;
  readonly shape: string;
  readonly start: number;
  readonly end: number;
}

/** A secret as one shape found it in one reading. */
export interface Span extends Match {
  readonly shape: string;
  /** How good the reading is in which it was found, among those that put lines together. */
  readonly reading: number;
}

/** How long it is, where nothing of it is missing; 0 else. A shorter key's length may be that of a longer one, cut off. */
const wholeLength = ({ whole, text }: Span): number => (whole === true ? text.length : 0);

/**
 * Of two readings of one secret the one counts in which nothing of it is missing, then the better one, or else the longer
 * one: it is less likely to be cut off.
 */
function isBetter(span: Span, than: Span): boolean {
  const areJoined = span.reading > 0 && than.reading > 0;
  if (areJoined && wholeLength(span) !== wholeLength(than)) return wholeLength(span) > wholeLength(than);
  if (areJoined && span.reading !== than.reading) return span.reading > than.reading;
  return span.text.length > than.text.length;
}

/** Puts spans in their order, and makes one of those that overlap: all that they cover, with the better one's secret. */
export function mergeSpans(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of spans.toSorted((left, right) => left.start - right.start || right.end - left.end)) {
    const last = merged.at(-1);
    if (!last || span.start >= last.end) {
      merged.push(span);
      continue;
    }
    const better = isBetter(span, last) ? span : last;
    merged[merged.length - 1] = { ...better, start: last.start, end: Math.max(last.end, span.end) };
  }
  return merged;
}

/** What others issue may be anything: `sk-` before a key of ours, and a private key without an end, which reaches to the end of the text. */
const isOfOthers = ({ shape }: Span): boolean => shape === 'foreign' || shape === 'private-key';

/** What is left of secrets of others where none of these is: one that stands within is a secret of its own. Both in order. */
function around(others: readonly Span[], inner: readonly Span[]): readonly Span[] {
  const left: Span[] = [];
  let next = 0;
  for (const other of others) {
    let { start } = other;
    for (let span = inner[next]; span !== undefined && span.start < other.end; span = inner[next]) {
      if (span.start > start) left.push({ ...other, start, end: span.start });
      start = Math.max(start, span.end);
      if (span.end > other.end) break;
      next += 1;
    }
    if (start < other.end) left.push({ ...other, start });
  }
  return left;
}

/** Puts spans in order without overlaps: ours as they are, and of secrets of others what stands around ours. */
export function separateSpans(spans: readonly Span[]): readonly Span[] {
  const own = mergeSpans(spans.filter((span) => !isOfOthers(span)));
  const others = around(mergeSpans(spans.filter(isOfOthers)), own);
  return [...own, ...others].toSorted((left, right) => left.start - right.start);
}

/** How often a text may have been encoded one upon the other. */
const DEPTH = 3;

function findSpans(text: string, depth: number): readonly Span[] {
  const readings = readingsOf(text);
  const shapes = [...Object.values(RECOGNISERS).flatMap((recogniser) => recogniser.shapes), ...SHAPES];
  const look = (view: TextView, find: Shape['unwrapped'], found: Pick<Span, 'shape' | 'reading'>): readonly Span[] =>
    find(view).map((match) => ({
      ...found,
      ...match,
      start: view.startOf(match.start),
      end: view.endOf(match.end - 1),
    }));
  const plain = shapes.flatMap(({ name: shape, unwrapped, joined }) => [
    ...readings.unwrapped.flatMap((view) => look(view, unwrapped, { shape, reading: 0 })),
    ...(joined === undefined
      ? []
      : readings.joined.flatMap((view, index) => look(view, joined, { shape, reading: index + 1 }))),
  ]);
  if (depth === DEPTH) return separateSpans(plain);
  return separateSpans([...plain, ...findEncoded(readings, (inner) => findSpans(inner, depth + 1))]);
}

/** The shortest secret of all shapes: a JWT that is cut off behind the first letters of its claims. A test derives it from the shapes. */
export const SHORTEST_SECRET = 13;
/** Every disguise of these is longer than what it stands for; one other letter may stand for four characters. */
const PLAIN = /^[\s!-~]*$/;

/**
 * Finds every secret of a known shape in any text, in order and without overlaps; also in disguise, marked up, wrapped over
 * lines, or encoded up to three times. Pure, and linear in the length of the text.
 */
export function findSecrets(text: string): FoundSecret[] {
  if (text.length < SHORTEST_SECRET && PLAIN.test(text)) return [];
  return findSpans(text, 0).map(({ shape, text: found, start, end }) => ({
    secret: new Secret(found),
    shape,
    start,
    end,
  }));
}

/** Turns one found secret into its clue; `undefined` when no provider of ours issues such secrets. */
export function toClue(found: FoundSecret, fingerprint: Fingerprint): Clue | undefined {
  const text = found.secret.expose();
  for (const { read } of Object.values(RECOGNISERS)) {
    const clue = read({ shape: found.shape, text }, fingerprint);
    if (clue) return clue;
  }
  return undefined;
}

/** Tells of every secret in a text what it is: its clue, or `undefined` for one that no provider of ours issued. */
export function recogniseEach(
  secret: Secret,
  fingerprint: Fingerprint,
  find: (text: string) => readonly FoundSecret[] = findSecrets,
): readonly (Clue | undefined)[] {
  return find(secret.expose()).map((found) => toClue(found, fingerprint));
}

/**
 * Recognises a leaked secret as a provider's token and keeps only what is needed to find it there. The same token gives
 * the same fingerprint however it was quoted, encoded or wrapped. `undefined` for every other text.
 */
export function recognise(
  secret: Secret,
  fingerprint: Fingerprint,
  find: (text: string) => readonly FoundSecret[] = findSecrets,
): Clue | undefined {
  for (const found of find(secret.expose())) {
    const clue = toClue(found, fingerprint);
    if (clue) return clue;
  }
  return undefined;
}
