import { defined } from '#shared/core/defined.ts';
import { bareToken } from './bare-token.ts';

/** One word of a command, with the place it has in the text. */
export interface Word {
  /** What it says, without quotation marks. */
  readonly value: string;
  readonly quoted: boolean;
  /** A quotation mark opens here and nothing closes it. */
  readonly unclosed: boolean;
  /** A comma stood behind it, so the list goes on. */
  readonly comma: boolean;
  readonly start: number;
  readonly end: number;
}

/** Slack's own spelling of people, channels and links: `<@U1|ann>`, `<#C1|general>`, `<http://a.b|a.b>`, `<!here>`. */
const ANGLE = /<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>/g;
/** What pasting brings along and nobody sees; names that really hold such characters are reached by their id. */
const INVISIBLE = /[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;
const ENTITIES: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&' };

/** Undoes what Slack and phones do to typed text: `<@U1|ann>` becomes `@U1`, links their label, `&lt;` is `<` again. */
export function plainCommandText(text: string): string {
  return text
    .replace(ANGLE, (_form, ...[sign, target, label]: [sign: string, target: string, label?: string]) => {
      if (sign === '@') return `@${target}`;
      // A link to a provider's page: the id is in the address, unless the label says one.
      const isLink = sign === '' && /^https?:/i.test(target);
      if (isLink && label !== undefined && bareToken(label) === undefined && bareToken(target) !== undefined)
        return target;
      return `${sign === '#' ? '#' : ''}${label ?? target}`;
    })
    .replace(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity] ?? entity)
    .replace(INVISIBLE, '')
    .toWellFormed();
}

/** Kinds of quotation marks; whatever of a kind opens, whatever of it closes. Phones make the curly ones. */
const QUOTES = ['"“”„‟«»', "'‘’‚‛", '`'] as const;
/** The apostrophe is a quotation mark too, so this kind closes only at the end of a word. */
const APOSTROPHES = QUOTES[1];

/** No name or reason is longer; without a bound, many open marks would be searched to the end each. */
const LONGEST_QUOTATION = 1100;

/** Splits a command into words. Pure, total and linear. */
export function splitWords(text: string): Word[] {
  const words: Word[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && isBlank(text[at])) at += 1;
    if (at >= text.length) return words;
    const word = readWord(text, at);
    words.push(word);
    at = word.end;
  }
}

function readWord(text: string, start: number): Word {
  const whole = readQuoted(text, start);
  if (whole !== undefined) return { ...whole, start };
  let at = start;
  while (at < text.length && !isBlank(text[at])) {
    at += 1;
    // A flag's value may be quoted: --name="ci *"
    if (text[at - 1] === '=' && at - start > 1) {
      const value = readQuoted(text, at);
      if (value !== undefined) return { ...value, value: text.slice(start, at) + value.value, quoted: false, start };
    }
  }
  const raw = text.slice(start, at);
  // What a sentence puts behind its last word joins nothing.
  const joins = text.slice(at).trim() === '' ? /,+$/ : /[,;]+$/;
  const value = raw.length > 1 ? raw.replace(joins, '') : raw;
  return {
    value: value === '' ? raw : value,
    quoted: false,
    unclosed: QUOTES[0].includes(raw[0] ?? '') || raw.startsWith('`'),
    comma: value !== '' && value !== raw,
    start,
    end: at,
  };
}

/** Reads a quotation that opens at `start`; `undefined` when none opens or it does not close before a blank or the end. */
function readQuoted(text: string, start: number): Omit<Word, 'start'> | undefined {
  const kind = QUOTES.find((marks) => marks.includes(text[start] ?? ' '));
  if (kind === undefined) return undefined;
  let value = '';
  const limit = Math.min(text.length, start + LONGEST_QUOTATION);
  for (let at = start + 1; at < limit; at += 1) {
    const character = text[at] ?? '';
    const next = text[at + 1] ?? ' ';
    if (character === '\\' && (next === '\\' || kind.includes(next))) {
      value += next;
      at += 1;
    } else if (kind.includes(character) && (isBlank(next) || next === ',')) {
      const comma = next === ',' && isBlank(text[at + 2] ?? ' ');
      if (next === ',' && !comma) return undefined;
      return { value, quoted: true, unclosed: false, comma, end: comma ? at + 2 : at + 1 };
    } else if (kind.includes(character) && kind !== APOSTROPHES) {
      return undefined;
    } else value += character;
  }
  return undefined;
}

/** True for any mark that can open a quotation. */
export function isQuotationMark(character: string | undefined): boolean {
  return character !== undefined && QUOTES.some((marks) => marks.includes(character));
}

function isBlank(character: string | undefined): boolean {
  return character !== undefined && /\s/.test(character);
}

// Any dash, and the minus sign.
const FLAG = /^([\p{Pd}\u2212]{1,3})(\p{L}[\p{L}\p{N}_\p{Pd}\u2212]*)(?:=([\s\S]*))?$/u;
const LONE_DASH = /^[\p{Pd}\u2212]+$/u;
const DASHES_INSIDE = /[_\p{Pd}\u2212]+/gu;

/** A flag as it was typed. */
export interface FlagWord {
  /** Lower case, with plain dashes. */
  readonly name: string;
  /** What stands behind `=`. */
  readonly value?: string;
  /** Written with two plain dashes, which no prose has. */
  readonly certain: boolean;
}

/** Reads a word as a flag: `--name`, `-name`, `—name` (phones turn two dashes into one), `--name=value`. */
export function readFlag(word: Word): FlagWord | undefined {
  const match = word.quoted ? null : FLAG.exec(word.value);
  if (match === null) return undefined;
  const name = (match[2] ?? '').toLowerCase().replace(DASHES_INSIDE, '-');
  return { name, ...defined({ value: match[3] }), certain: match[1] === '--' };
}

/** True for a word that is nothing but dashes. */
export function isLoneDash(word: Word): boolean {
  return !word.quoted && LONE_DASH.test(word.value);
}
