/** What machines draw and nobody types; shorter ones cannot be told from an abbreviation. */
const SHORTEST = 20;

const WORD = /[A-Za-z0-9+/_=~.-]{20,}/g;
/** UUIDs, the ids of both providers, commits, dates: they are drawn too, and no secret. */
const PUBLIC_ID =
  /^(?:[a-z]{2}-[a-z0-9]{5}-[a-z0-9]{5}-[a-z0-9]{12,18}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{40}|[\d:.+TZ-]+)$/i;

function classOf(code: number): 'digit' | 'upper' | 'lower' | 'mark' {
  if (code >= 0x30 && code <= 0x39) return 'digit';
  if (code >= 0x41 && code <= 0x5a) return 'upper';
  return code >= 0x61 && code <= 0x7a ? 'lower' : 'mark';
}

/** How often letters in small, capitals and digits take turns, from 0 to 1; a capital that begins a word is no turn. */
function turnsIn(word: string): number {
  let [turns, pairs] = [0, 0];
  for (let at = 1; at < word.length; at += 1) {
    const [before, here] = [classOf(word.charCodeAt(at - 1)), classOf(word.charCodeAt(at))];
    if (before === 'mark' || here === 'mark') continue;
    pairs += 1;
    if (before !== here && !(before === 'upper' && here === 'lower')) turns += 1;
  }
  return pairs < SHORTEST / 2 ? 0 : turns / pairs;
}

/**
 * True for a word that looks drawn: twenty characters and more in which letters and digits take turns as they hardly do in
 * names, paths and sentences. Without a digit it is not told from words, nor is one of short groups with dashes between.
 */
export function looksRandom(word: string): boolean {
  const bare = word.replace(/^[-_.=/+~]+|[-_.=/+~]+$/g, '');
  return bare.length >= SHORTEST && /\d/.test(bare) && !PUBLIC_ID.test(bare) && turnsIn(bare) >= 0.2;
}

/** Where words that look drawn stand in a text. Linear in its length. */
export function findRandom(text: string): readonly { readonly start: number; readonly end: number }[] {
  return [...text.matchAll(WORD)].flatMap(({ 0: run, index }) =>
    [...run.matchAll(/[^=/.]+/g)].flatMap((word) =>
      looksRandom(word[0]) ? [{ start: index + word.index, end: index + word.index + word[0].length }] : [],
    ),
  );
}
