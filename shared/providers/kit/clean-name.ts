import { scrub } from '../text/scrub.ts';

/** No token is shorter; a look at this first spares the ten thousand names of a long list the whole search. */
const LONG_WORD = /[\w.+/=%-]{24,}/;

/** A name is told, not read: what is longer is cut. */
const MOST_CHARACTERS = 200;

/** A token's name as the provider gives it, without any secret that somebody has pasted into it. */
export function cleanName(name: string): string {
  const short = name.slice(0, MOST_CHARACTERS);
  return LONG_WORD.test(short)
    ? scrub(name.slice(0, 4 * MOST_CHARACTERS), () => '').text.slice(0, MOST_CHARACTERS)
    : short;
}
