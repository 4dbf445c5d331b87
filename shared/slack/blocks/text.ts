/** Escapes the three characters that Slack's mrkdwn gives a meaning, and only these. */
export function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Characters that steer or hide others: controls, bidirectional marks, zero-width and other ignorable ones. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{DI}\u2800]/gu;
const VARIATION_SELECTORS = /[\uFE00-\uFE0F]/gu;
const STACKED_MARKS = /(\p{M}{3})\p{M}+/gu;
const BLANKS = /[\s\u0085]+/gu;

/**
 * Returns foreign text as one well-formed line in which nothing is hidden: blanks become one space, invisible and
 * direction-changing characters are spelt out as `[U+202E]`, stacked accents are cut to three.
 */
export function visible(text: string): string {
  return text
    .toWellFormed()
    .replace(VARIATION_SELECTORS, '')
    .replace(BLANKS, ' ')
    .replace(HIDDEN, (character) => `[U+${codePoint(character)}]`)
    .replace(STACKED_MARKS, '$1')
    .trim();
}

function codePoint(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}

const CODE_SPAN_MAX = 120;

/**
 * Returns foreign text as a code span, in which Slack pings nobody, links nothing and formats nothing.
 * Backticks become apostrophes; nothing at all becomes "(empty)".
 */
export function code(text: string, max = CODE_SPAN_MAX): string {
  const shown = clip(visible(text).replaceAll('`', "'"), max);
  return shown === '' ? '(empty)' : `\`${escape(shown)}\``;
}

/** The short name of a request, by which the log and the record are searched: the first block of its id. */
export function requestName(requestId: string): string {
  return code(requestId.split('-')[0] ?? requestId, 36);
}

/** Returns foreign text for a `plain_text` object, where Slack interprets nothing but emoji codes; at least one character. */
export function plain(text: string, max: number): string {
  return clip(visible(text), max) || '-';
}

/** What must not be cut in half: an escaped entity, one of Slack's own angle forms, a code point. */
const PIECES = /&(?:amp|lt|gt);|<(?:[@#!][^<>]{0,200}|https:[^<>]*)>|./gsu;

/**
 * Cuts a text to `max` characters (UTF-16 units, so that it fits however Slack counts) and ends it with "…". Never cuts
 * an entity, a mention, a date or a surrogate pair, and closes a code span that it opened.
 */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  const room = max - 2; // for "…" and a closing backtick
  let kept = '';
  for (const [piece] of text.matchAll(PIECES)) {
    if (kept.length + piece.length > room) break;
    kept += piece;
  }
  const isCodeOpen = kept.split('`').length % 2 === 0;
  return `${kept}…${isCodeOpen ? '`' : ''}`.slice(0, Math.max(0, max));
}

/** Mentions a person by id; a text that is no Slack user id is shown as code. */
export function mention(userId: string): string {
  return /^[UW][A-Z0-9]{2,20}$/.test(userId) ? `<@${userId}>` : code(userId);
}

/** Names a channel by its id; a text that is no Slack channel id is shown as code. */
export function channelName(channelId: string): string {
  return /^[CDG][A-Z0-9]{2,20}$/.test(channelId) ? `<#${channelId}>` : code(channelId);
}

/** An address that can stand in a link as it is. */
const PLAIN_ADDRESS = /^https:\/\/[a-z0-9.-]+\/[\w/.-]+(?:\?[\w=&.-]*)?$/i;

/** Links words of ours to an address of Slack's; the words alone where it is none that can stand in a link. */
export function linked(address: string | undefined, words: string): string {
  return address !== undefined && PLAIN_ADDRESS.test(address) ? `<${address}|${words}>` : words;
}

/** Names a user, a user group or a role, whichever the text is; a role as code. */
export function whom(name: string): string {
  return /^S[A-Z0-9]{8,20}$/.test(name) ? `<!subteam^${name}>` : mention(name);
}

const LISTS = {
  or: new Intl.ListFormat('en-GB', { type: 'disjunction' }),
  and: new Intl.ListFormat('en-GB', { type: 'conjunction' }),
} as const;

/** Joins names as a person would: "a", "a or b", "a, b or c". */
export function oneOf(names: readonly string[], conjunction: 'or' | 'and' = 'or'): string {
  return LISTS[conjunction].format(names);
}

/** Returns "1 token", "2 tokens". */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(number)} ${number === 1 ? noun : plural}`;
}

const NUMBERS = new Intl.NumberFormat('en-GB');

/** Returns a whole number with its thousands apart: "10,000". */
export function grouped(number: number): string {
  return NUMBERS.format(number);
}
