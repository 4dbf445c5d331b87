import { findJwts } from './find-jwts.ts';
import { FOREIGN_TOKEN } from './foreign-tokens.ts';
import { type Match, matching, type Shape } from './shape.ts';
import type { TextView } from './unwrap.ts';

function findPrivateKeys(view: TextView): Match[] {
  const found: Match[] = [];
  const begin = /-{4,5} ?BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY/g;
  for (let match = begin.exec(view.text); match; match = begin.exec(view.text)) {
    const end = /-{4,5} ?END [A-Z0-9 ]{0,30}PRIVATE KEY[A-Z ]{0,10}-{0,5}/g;
    end.lastIndex = begin.lastIndex;
    // A block without an end is hidden up to the end of the text: too much is better than half a key.
    const stop = end.exec(view.text) ? end.lastIndex : view.text.length;
    found.push({ text: view.text.slice(match.index, stop), start: match.index, end: stop });
    begin.lastIndex = stop;
  }
  return found;
}

/** What many issue, and what only others do. Every entry is linear in the length of the text. */
export const SHAPES: readonly Shape[] = [
  { name: 'jwt', unwrapped: findJwts, joined: findJwts },
  { name: 'private-key', unwrapped: findPrivateKeys },
  { name: 'foreign', unwrapped: matching(FOREIGN_TOKEN) },
];
