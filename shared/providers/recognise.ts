import { Secret } from '#shared/core/secret.ts';
import type { Clue } from './clue.ts';
import { RECOGNISERS } from './recognisers.ts';
import { SHAPES } from './text/shapes.ts';
import { joinLines, unwrap } from './text/unwrap.ts';

/** A secret in a text: `[start, end)` is all that belongs to it there, disguise and line breaks included. */
export interface FoundSecret {
  readonly secret: Secret;
  readonly shape: string;
  readonly start: number;
  readonly end: number;
}

interface Span {
  readonly shape: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

function merge(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of spans.toSorted((left, right) => left.start - right.start || right.end - left.end)) {
    const last = merged.at(-1);
    if (!last || span.start >= last.end) {
      merged.push(span);
      continue;
    }
    const better = span.text.length > last.text.length ? span : last;
    merged[merged.length - 1] = { ...better, start: last.start, end: Math.max(last.end, span.end) };
  }
  return merged;
}

/**
 * Finds every secret of a known shape in any text, in order and without overlaps; also percent-encoded, with invisible
 * characters in it, or wrapped over lines. Pure, and linear in the length of the text.
 */
export function findSecrets(text: string): FoundSecret[] {
  const folded = unwrap(text);
  const views = { folded, joined: joinLines(folded) };
  const shapes = [...Object.values(RECOGNISERS).flatMap((recogniser) => recogniser.shapes), ...SHAPES];
  const spans = shapes.flatMap((shape) =>
    (['folded', 'joined'] as const).flatMap((name) =>
      (shape[name]?.(views[name]) ?? []).map((match) => ({
        shape: shape.name,
        text: match.text,
        start: views[name].startOf(match.start),
        end: views[name].endOf(match.end - 1),
      })),
    ),
  );
  return merge(spans).map(({ shape, text: found, start, end }) => ({ secret: new Secret(found), shape, start, end }));
}

/** Turns one found secret into its clue; `undefined` when no provider of ours issues such secrets. */
export function toClue(found: FoundSecret, fingerprint: (text: string) => string): Clue | undefined {
  const text = found.secret.expose();
  for (const { read } of Object.values(RECOGNISERS)) {
    const clue = read({ shape: found.shape, text }, fingerprint);
    if (clue) return clue;
  }
  return undefined;
}

/**
 * Recognises a leaked secret as a provider's token and keeps only what is needed to find it there. The same token gives
 * the same fingerprint however it was quoted, encoded or wrapped. `undefined` for every other text.
 */
export function recognise(secret: Secret, fingerprint: (text: string) => string): Clue | undefined {
  for (const found of findSecrets(secret.expose())) {
    const clue = toClue(found, fingerprint);
    if (clue) return clue;
  }
  return undefined;
}
