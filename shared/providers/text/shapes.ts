import { alsoEncoded } from './also-encoded.ts';
import { findJwts } from './find-jwts.ts';
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

/** `eyJ`, with which every JWT begins. */
const JWT_START = { plain: /eyJ/, base64: /ZXlK|V5S|leU/, hex: /65794a(?:[0-9a-f]{2}){24,}/gi };

/** What many issue, and what only others do. Keep it short, and every entry linear in the length of the text. */
export const SHAPES: readonly Shape[] = [
  { name: 'jwt', folded: alsoEncoded(JWT_START, findJwts), joined: findJwts },
  { name: 'private-key', folded: findPrivateKeys },
  { name: 'slack', folded: matching(/xox[a-z][-.][A-Za-z0-9.-]{10,}|xapp-[A-Za-z0-9-]{10,}/g) },
  { name: 'github', folded: matching(/gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}/g) },
  { name: 'gitlab', folded: matching(/glpat-[A-Za-z0-9_.-]{20,}/g) },
  { name: 'webhook', folded: matching(/whsec_[A-Za-z0-9+/=]{20,}/g) },
];
