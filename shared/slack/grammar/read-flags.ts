import { readDate, readDays, readHours, readMinutes } from './durations.ts';
import { nearest, type Problem, shown } from './problem.ts';
import { type FlagWord, readFlag, type Word } from './words.ts';

/** What may stand behind a flag: nothing, any text, a time in the past or ahead of us, or one of some words. */
export type FlagKind = 'switch' | 'text' | 'days' | 'ahead' | 'hours' | readonly string[];
export type FlagKinds = Readonly<Record<string, FlagKind>>;

interface ReadFlags {
  readonly flags: ReadonlyMap<string, string | number | true>;
  readonly rest: readonly Word[];
}

/** A problem that a changed line could cure. */
export type Curable = Problem & { readonly cure?: string };

/** A line whose flags are read; dates are told from `now`, and without it no date is understood. */
interface FlagLine {
  readonly text: string;
  readonly words: readonly Word[];
  readonly now?: Date | undefined;
}

/**
 * Takes the flags out of a command's words. Every flag must be known, given once and with a value that fits: nothing is
 * ignored.
 */
export function readFlags({ text, words, now }: FlagLine, kinds: FlagKinds): ReadFlags | Curable {
  const flags = new Map<string, string | number | true>();
  const rest: Word[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index];
    if (word === undefined) break;
    if (word.unclosed) return unclosed(word);
    const flag = readFlag(word);
    if (flag === undefined) {
      rest.push(word);
      continue;
    }
    const name = Object.keys(kinds).find((known) => sameFlag(known, flag.name));
    const kind = name === undefined ? undefined : kinds[name];
    if (name === undefined || kind === undefined) return unknownFlag(text, { word, flag }, Object.keys(kinds));
    if (flags.has(name)) return { problem: `--${name} is given twice.` };
    if (kind === 'switch') {
      if (flag.value !== undefined) return { problem: `--${name} takes no value.` };
      flags.set(name, true);
      continue;
    }
    const next = words[index + 1];
    const follows = next !== undefined && !next.unclosed && readFlag(next) === undefined ? next : undefined;
    const given = flag.value ?? follows?.value;
    if (given === undefined || given === '') return { problem: `--${name} needs a value: ${wanted(kind)}.` };
    if (flag.value === undefined) index += 1;
    const { value, more } = isTime(kind)
      ? readTime(kind, [given, ...plainWords(words.slice(index + 1))], now)
      : { value: readValue(kind, given, now), more: 0 };
    if (value === undefined)
      return unfit(text, { name, kind, given, word, end: flag.value === undefined ? next : word });
    index += more;
    flags.set(name, value);
  }
  return { flags, rest };
}

/** Tells that a quotation mark was opened and not closed. */
export function unclosed(word: Word): Problem {
  return { problem: `A quotation mark is opened at ${shown(word.value)} and not closed.` };
}

/** True when two spellings mean the same flag: `olderthan`, `older_than`, `older-than`. */
export function sameFlag(left: string, right: string): boolean {
  return left.replaceAll('-', '') === right.replaceAll('-', '');
}

/** Tells that a flag is not known here, and which was probably meant. */
export function unknownFlag(
  text: string,
  { word, flag }: { readonly word: Word; readonly flag: FlagWord },
  known: readonly string[],
): Curable {
  const meant = meantFlag(flag.name, known);
  const list =
    known.length === 0 ? 'There are no flags here.' : `Known here: ${known.map((name) => `--${name}`).join(' ')}`;
  const problem = `There is no flag --${flag.name.slice(0, 40)}. ${list}`;
  if (meant === undefined) return { problem };
  const value = flag.value === undefined ? '' : `=${quote(flag.value)}`;
  return { problem, cure: `${text.slice(0, word.start)}--${meant}${value}${text.slice(word.end)}` };
}

/** The flag that a beginning of its name means, else the nearest one that begins alike. */
function meantFlag(name: string, known: readonly string[]): string | undefined {
  const [whole, ...others] = known.filter((each) => name.length >= 3 && each.startsWith(name));
  if (whole !== undefined && others.length === 0) return whole;
  const near = nearest(name, known);
  return near?.[0] === name[0] ? near : undefined;
}

/** Puts a text into quotation marks so that it is one word again. */
export function quote(text: string): string {
  return `"${text.replace(/["“”„‟«»\\]/g, '\\$&')}"`;
}

function isTime(kind: FlagKind): kind is 'days' | 'ahead' | 'hours' {
  return kind === 'days' || kind === 'ahead' || kind === 'hours';
}

const MOST_WORDS = 3;

/** The words that may go on with a time: `3 months`, `1 Nov 2026`. */
function plainWords(words: readonly Word[]): readonly string[] {
  const end = words.findIndex((word) => word.quoted || word.unclosed || readFlag(word) !== undefined);
  return words.slice(0, end < 0 ? MOST_WORDS : Math.min(end, MOST_WORDS)).map(({ value }) => value);
}

/** Reads as many words as make a time, and tells how many of them stood behind the first. */
function readTime(
  kind: FlagKind,
  words: readonly string[],
  now: Date | undefined,
): { readonly value?: string | number; readonly more: number } {
  for (let more = words.length - 1; more >= 0; more -= 1) {
    const value = readValue(kind, words.slice(0, more + 1).join(' '), now);
    if (value !== undefined) return { value, more };
  }
  return { more: 0 };
}

function readValue(kind: FlagKind, given: string, now: Date | undefined): string | number | undefined {
  if (isTime(kind)) {
    const hours = now === undefined ? undefined : readDate(given, now, kind === 'ahead');
    if (kind === 'hours') return hours ?? readMinutes(given) ?? readHours(given);
    return hours === undefined ? readDays(given) : Math.ceil(hours / 24);
  }
  if (typeof kind === 'string') return given;
  return kind.find((word) => word === given.toLowerCase());
}

function wanted(kind: FlagKind): string {
  if (kind === 'days') return 'a time in whole days such as 90d, 12w or 6m, or a date such as 2026-11-01';
  if (kind === 'ahead') return 'a time in whole days such as 7d or 6m, or a date such as 2026-12-31';
  if (kind === 'hours') return 'a time such as 24h, 7d or 12w, or a date such as yesterday or 2026-11-01';
  return typeof kind === 'string' ? 'a text such as "ci-*" or anna@example.com' : `one of ${kind.join(', ')}`;
}

interface Unfit {
  readonly name: string;
  readonly kind: FlagKind;
  readonly given: string;
  readonly word: Word;
  readonly end: Word | undefined;
}

function unfit(text: string, { name, kind, given, word, end = word }: Unfit): Curable {
  const problem = `--${name} is not understood with ${shown(given)}: it wants ${wanted(kind)}.`;
  const isBareNumber = /^\d{1,5}$/.test(given) && isTime(kind);
  const meant = isBareNumber ? `${given}d` : typeof kind === 'string' ? undefined : nearest(given, kind);
  if (meant === undefined) return { problem };
  return { problem, cure: `${text.slice(0, word.start)}--${name} ${meant}${text.slice(end.end)}` };
}
