import { defined } from '#shared/core/defined.ts';
import type { Mutation } from '#shared/core/vocabulary.ts';
import type { Command } from '#shared/tokens/command.ts';
import { bareToken, isMarks } from './bare-token.ts';
import { type Curable, type FlagKinds, quote, sameFlag, unclosed, unknownFlag } from './read-flags.ts';
import { isProblem, nearest, shown } from './problem.ts';
import { findProfile, isTokenId, isTokenWord, readToken } from './read-token.ts';
import { ARTICLE, FILTER_FLAGS, isMine, isPicked, readQuery } from './read-verbs.ts';
import { type FlagWord, isLoneDash, isQuotationMark, readFlag, splitWords, type Word } from './words.ts';

type Change = Extract<Command, { verb: Mutation }>;

interface ChangeLine {
  readonly verb: Mutation;
  /** The whole line, from which the words were taken. */
  readonly text: string;
  /** The words behind the verb. */
  readonly words: readonly Word[];
  readonly profiles: readonly string[];
  /** From when dates are told. */
  readonly now?: Date | undefined;
}

const FLAGS = ['reason', 'keep-going'] as const;
const FILTERED_FLAGS = { ...FILTER_FLAGS, 'keep-going': 'switch' } as const satisfies FlagKinds;
const MAX_REASON = 500;
/** `because` and its like say that all that follows is the reason. */
const REASON_FOLLOWS = /^(?:because|reason)[:,]?$|^:+$/i;
/** Small letters are not meant: `prod-2` is a name, `INC-2` a ticket. */
const TICKET = /^[A-Z][A-Z0-9]{1,9}-\d{1,7}$/;
/** What joins two names in a sentence. */
const CONNECTOR = /^(?:and|or|then|plus|also|with|&+|\++|\/|;)$/i;
const NAME_LIKE = /^[\p{L}\p{N}]+(?:[-_.:/@][\p{L}\p{N}]+)+$/u;

/** What has been understood so far. */
interface SoFar {
  readonly tokens: string[];
  keepGoing: boolean;
  reason: string | undefined;
  /** A comma promised one token more. */
  expectsToken: boolean;
}

/** Tells how many words were used, or that the line ends here: with a command or with a problem. */
type Step = number | Change | Curable;

/**
 * Reads `deactivate`, `activate` and `delete`: tokens first, then the reason; flags before it. A token is an id,
 * `profile:id` or a quoted name; only the first may be a bare name. The reason follows `--reason`, `because`, `:` or a
 * lone dash, or is simply the rest. What could be one token more is refused instead of becoming prose.
 */
export function readChange(line: ChangeLine): Change | Curable {
  if (isFiltered(line)) return readFiltered(line);
  const soFar: SoFar = { tokens: [], keepGoing: false, reason: undefined, expectsToken: false };
  for (let index = 0; index < line.words.length; ) {
    const word = line.words[index];
    if (word === undefined) break;
    const place: Place = { line, soFar, word, next: line.words[index + 1] };
    const flag = readFlag(word);
    const step = word.unclosed ? unclosed(word) : flag === undefined ? readPlain(place) : readChangeFlag(place, flag);
    if (typeof step !== 'number') return step;
    index += step;
  }
  if (soFar.expectsToken) {
    return { problem: 'The list ends with a comma: one token is missing.', topic: line.verb };
  }
  return build(line.verb, soFar);
}

const isFilter = (word: Word): boolean => {
  const name = readFlag(word)?.name;
  return name !== undefined && Object.keys(FILTER_FLAGS).some((known) => sameFlag(known, name));
};

/** True where filters stand for the tokens: the first flag is one, and before it stand profiles alone. */
function isFiltered({ words, profiles }: ChangeLine): boolean {
  const first = words.findIndex((word) => readFlag(word) !== undefined);
  const before = words.slice(0, Math.max(0, first));
  return (
    words.slice(first, first + 1).some(isFilter) &&
    before.every(({ value }) => findProfile(value, profiles) !== undefined || isMine(value))
  );
}

/** Reads a change of whatever fits a filter; the reason follows `because`, `:`, a lone dash or `--reason`. */
function readFiltered(line: ChangeLine): Change | Curable {
  const { verb, text, words } = line;
  const isReasonFlag = (word: Word) => sameFlag(readFlag(word)?.name ?? '', 'reason');
  const end = words.findIndex(
    (word) => !word.quoted && (REASON_FOLLOWS.test(word.value) || isLoneDash(word) || isReasonFlag(word)),
  );
  const read = readQuery({ ...line, words: end < 0 ? words : words.slice(0, end) }, FILTERED_FLAGS);
  if (isProblem(read)) return read;
  const reason = end < 0 ? '' : reasonAt(text, words.slice(end));
  if (hiddenFlag(reason) !== undefined) return hiddenFlag(reason) as Curable;
  if (reason.length > MAX_REASON) return { problem: `The reason is longer than ${MAX_REASON} characters.` };
  const { profiles, state, sort, ...narrowing } = read.query;
  if (Object.keys(narrowing).length === 0) {
    return { problem: 'That would be all tokens. Narrow it by owner, name, age, use or expiry.', topic: verb };
  }
  const keepGoing = read.flags.has('keep-going');
  return {
    verb,
    tokens: [],
    filter: { ...narrowing, profiles, sort, ...defined({ state }) },
    keepGoing,
    ...defined({ reason: reason === '' ? undefined : reason }),
  };
}

/** The reason behind what announces it, which stands first. */
function reasonAt(text: string, [announcer, next, ...others]: readonly Word[]): string {
  if (announcer === undefined) return '';
  const given = readFlag(announcer)?.value;
  if (given !== undefined) return tidy(`${given}${text.slice(announcer.end)}`);
  if (next === undefined) return '';
  return tidy(next.quoted && others.length === 0 ? next.value : text.slice(next.start));
}

interface Place {
  readonly line: ChangeLine;
  readonly soFar: SoFar;
  readonly word: Word;
  readonly next: Word | undefined;
}

function readChangeFlag(place: Place, flag: FlagWord): Step {
  const { line, soFar, word } = place;
  if (sameFlag(flag.name, 'keep-going')) {
    if (flag.value !== undefined) return { problem: '--keep-going takes no value.' };
    if (soFar.keepGoing) return { problem: '--keep-going is given twice.' };
    soFar.keepGoing = true;
    return 1;
  }
  if (!sameFlag(flag.name, 'reason')) return unknownFlag(line.text, { word, flag }, FLAGS);
  if (soFar.reason !== undefined) return { problem: '--reason is given twice.' };
  const given = reasonFlag(place, flag);
  if (given === undefined) return { problem: '--reason needs a text behind it.' };
  if (given.kind === 'rest') return endWithReason(place, { from: given.from, announced: true });
  soFar.reason = given.text;
  return given.words;
}

function readPlain(place: Place): Step {
  const { line, soFar, word, next } = place;
  const isFirst = soFar.tokens.length === 0;
  const isToken = isTokenWord(word, line.profiles);
  const isSeparator = !word.quoted && (REASON_FOLLOWS.test(word.value) || isLoneDash(word));
  if (isFirst && next !== undefined && !word.quoted && isMarks(word.value) && !isSeparator) return 1;
  if (isFirst && isSeparator) return noToken(line.verb);
  if (isFirst && next !== undefined && !word.quoted && ARTICLE.test(word.value)) {
    return {
      problem: `${shown(word.value)} is no token's name, unless it stands in quotation marks.`,
      topic: line.verb,
      cure: `${line.verb} ${bareToken(next.value) ?? quote(next.value)}`,
    };
  }
  if (isFirst && !word.quoted && isOwner(word.value)) {
    return {
      problem: `${shown(word.value)} is a person, and no token's name, unless it stands in quotation marks.`,
      topic: line.verb,
      cure: `${line.verb} --owner ${isMine(word.value) ? 'me' : word.value}`,
    };
  }
  if (isFirst || isToken) return readOneToken(place);
  if (soFar.expectsToken && !isSeparator) {
    return {
      problem: `In a list, the name ${shown(word.value)} must be in quotation marks.`,
      topic: line.verb,
      cure: `${line.verb} ${allNamed(place)}`,
    };
  }
  if (soFar.reason !== undefined) {
    return { problem: `Behind the quoted reason stands ${shown(word.value)}, which is not understood.` };
  }
  if (!isSeparator) return endWithReason(place, { from: word, announced: false });
  // "because" and nothing behind it: what is to be done is clear, and a reason is nobody's duty here.
  if (next === undefined) return build(line.verb, soFar);
  return endWithReason(place, { from: next, announced: true });
}

/** True for what can only mean a person: oneself, somebody picked in Slack, an e-mail address. */
function isOwner(text: string): boolean {
  return isMine(text) || isPicked(text) || /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text);
}

/** The list as it should have been typed: each name in quotation marks, and what announces a reason as it stands. */
function allNamed({ line, soFar, word }: Place): string {
  const rest = line.words.slice(line.words.indexOf(word));
  const end = rest.findIndex((one) => !one.quoted && (REASON_FOLLOWS.test(one.value) || isLoneDash(one)));
  const named = (end < 0 ? rest : rest.slice(0, end)).filter((one) => one.quoted || !CONNECTOR.test(one.value));
  const names = [...soFar.tokens, ...named.map(({ value }) => value)];
  const reason = end < 0 ? '' : ` ${line.text.slice(rest[end]?.start ?? line.text.length)}`;
  return `${names.map((name) => (isTokenId(name) ? name : quote(name))).join(' ')}${reason}`;
}

function readOneToken(place: Place): Step {
  const { line, soFar, word, next } = place;
  const announces = !word.quoted && /[^:]:$/.test(word.value) && next !== undefined && soFar.reason === undefined;
  const named = announces ? { ...word, value: word.value.slice(0, -1) } : word;
  if (announces && findProfile(named.value, line.profiles) !== undefined) {
    const cure = `${line.text.slice(0, word.end)}${line.text.slice(next.start)}`;
    return { problem: `There is a blank behind the profile ${shown(word.value)}.`, cure };
  }
  const token = readToken(line.text, named, line.profiles);
  if (typeof token !== 'string') return token;
  if (!soFar.tokens.includes(token)) soFar.tokens.push(token);
  soFar.expectsToken = word.comma;
  return announces ? endWithReason(place, { from: next, announced: true }) : 1;
}

/** Takes all that is left as the reason. */
function endWithReason(
  { line, soFar }: Place,
  { from, announced }: { readonly from: Word; readonly announced: boolean },
): Change | Curable {
  const rest = tidy(line.text.slice(from.start));
  soFar.expectsToken = false;
  const hidden = hiddenFlag(rest) ?? (announced ? undefined : hiddenToken(rest, line, soFar.tokens));
  return hidden ?? build(line.verb, { ...soFar, reason: rest });
}

function build(verb: Mutation, { tokens, reason, keepGoing }: SoFar): Change | Curable {
  if (tokens.length === 0) return noToken(verb);
  if (reason !== undefined && reason.length > MAX_REASON) {
    return { problem: `The reason is longer than ${MAX_REASON} characters.` };
  }
  return { verb, tokens, keepGoing, ...defined({ reason }) };
}

function noToken(verb: Mutation): Curable {
  return { problem: `Which token should be ${verb}d?`, topic: verb };
}

type GivenReason =
  | { readonly kind: 'quoted'; readonly text: string; readonly words: number }
  | { readonly kind: 'rest'; readonly from: Word };

/** A quoted reason ends with its quotation mark; any other goes on to the end of the line. */
function reasonFlag({ line, word, next }: Place, flag: FlagWord): GivenReason | undefined {
  if (flag.value !== undefined) {
    const start = word.start + line.text.slice(word.start, word.end).indexOf('=') + 1;
    if (tidy(flag.value) === '') return undefined;
    return isQuotationMark(line.text[start])
      ? { kind: 'quoted', text: tidy(flag.value), words: 1 }
      : { kind: 'rest', from: { ...word, start } };
  }
  if (next === undefined) return undefined;
  if (!next.quoted) return { kind: 'rest', from: next };
  return tidy(next.value) === '' ? undefined : { kind: 'quoted', text: tidy(next.value), words: 2 };
}

function tidy(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** Finds a flag that stands in the reason, where it would be ignored. */
function hiddenFlag(rest: string): Curable | undefined {
  for (const word of splitWords(rest)) {
    const flag = readFlag(word);
    if (flag === undefined || (!flag.certain && nearest(flag.name, FLAGS) === undefined)) continue;
    return {
      problem: `${shown(word.value)} stands in the reason. Flags come before it, or the reason in quotation marks.`,
    };
  }
  return undefined;
}

/** Finds what may be one token more in a reason that nothing announces. */
function hiddenToken(rest: string, { verb, profiles }: ChangeLine, tokens: readonly string[]): Curable | undefined {
  const words = splitWords(rest);
  const token = words.find((word) => !word.quoted && isTokenWord(word, profiles));
  if (token !== undefined) {
    return { problem: `${shown(token.value)} stands in the reason. Tokens come first; a reason may follow "because".` };
  }
  const [connector, ...joined] = words;
  if (connector !== undefined && joined.length > 0 && !connector.quoted && CONNECTOR.test(connector.value)) {
    const next = joined.find((word) => word.quoted || !CONNECTOR.test(word.value));
    return {
      problem: `Behind ${shown(connector.value)} may stand another token: name all of them first, a reason behind "because".`,
      cure: `${verb} ${[...tokens, next?.value ?? ''].map((name) => (isTokenId(name) ? name : quote(name))).join(' ')}`,
    };
  }
  const isNames = words.every(
    (word) => NAME_LIKE.test(word.value) && !TICKET.test(word.value) && !/^https?:/i.test(word.value),
  );
  if (!isNames) return undefined;
  const names = words.map((word) => quote(word.value)).join(' ');
  return {
    problem: `Is ${shown(rest)} a reason or another token? Put names into quotation marks, a reason behind "because".`,
    cure: `${verb} ${tokens.map((name) => (isTokenId(name) ? name : quote(name))).join(' ')} ${names}`,
  };
}
