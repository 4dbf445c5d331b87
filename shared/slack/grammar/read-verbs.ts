import { defined } from '#shared/core/defined.ts';
import type { Command, ListQuery } from '#shared/tokens/command.ts';
import { bareToken, isMarks } from './bare-token.ts';
import { readDate, readHours } from './durations.ts';
import { type Curable, type FlagKinds, quote, readFlags, sameFlag } from './read-flags.ts';
import { isProblem, nearest, shown } from './problem.ts';
import { findProfile, isTokenId, readToken, tidyToken } from './read-token.ts';
import { type CommandVerb, MEANT, VERB_WORDS } from './verb-words.ts';
import { readFlag, type Word } from './words.ts';

/** A command line behind its verb. */
export interface Line {
  /** The whole line, in which the words have their places. */
  readonly text: string;
  readonly words: readonly Word[];
  readonly profiles: readonly string[];
  readonly providerOf?: ((profile: string) => string | undefined) | undefined;
  /** From when dates are told. */
  readonly now?: Date | undefined;
}

/** What narrows a list, and a change by filter. */
export const FILTER_FLAGS = {
  active: 'switch',
  inactive: 'switch',
  owner: 'text',
  name: 'text',
  'older-than': 'days',
  unused: 'days',
  expires: 'ahead',
  'no-expiry': 'switch',
} as const satisfies FlagKinds;

const LIST_FLAGS = {
  ...FILTER_FLAGS,
  sort: ['age', 'newest', 'name', 'used', 'expiry'],
  newest: 'switch',
  file: ['jsonl', 'csv'],
  private: 'switch',
} as const satisfies FlagKinds;

/** Reads `list [profile…] [filters]`. An e-mail address can only be an owner there, and a pattern only a name. */
export function parseList(line: Line): Command | Curable {
  const read = readQuery({ ...line, words: line.words.map((word) => plainFilter(word, line)) }, LIST_FLAGS);
  if (isProblem(read)) return read;
  const { flags, query } = read;
  const file = flags.get('file') as 'jsonl' | 'csv' | undefined;
  const sort = (flags.get('sort') ?? (flags.has('newest') ? 'newest' : 'age')) as ListQuery['sort'];
  return { verb: 'list', query: { ...query, sort }, private: flags.has('private'), ...defined({ file }) };
}

/** What a word alone can only mean in a list, as the flag that says so. */
function plainFilter(word: Word, { words, profiles }: Line): Word {
  const before = words[words.indexOf(word) - 1];
  const flag = before === undefined ? undefined : readFlag(before);
  const kind = Object.entries(LIST_FLAGS).find(([name]) => sameFlag(name, flag?.name ?? ''))?.[1];
  // What stands behind a flag is its value, where it takes one.
  const isFree = flag === undefined || flag.value !== undefined || kind === 'switch';
  if (!isFree || word.quoted || findProfile(word.value, profiles) !== undefined) return word;
  if (readFlag(word) === undefined && isPerson(word.value)) return { ...word, value: `--owner=${word.value}` };
  return /\*/.test(word.value) && !isMarks(word.value) && readFlag(word) === undefined
    ? { ...word, value: `--name=${word.value}` }
    : word;
}

/** An e-mail address, or a beginning of one; a person picked or typed in Slack. */
function isPerson(text: string): boolean {
  return /^[^\s@]+@[^\s@]*$/.test(text) || /^@[^\s@]+$/.test(text);
}

/** Reads profiles and filters; whatever else is among the flags is left to the caller. */
export function readQuery(
  { text, words, profiles, providerOf, now }: Line,
  kinds: FlagKinds,
): { readonly query: ListQuery; readonly flags: ReadonlyMap<string, string | number | true> } | Curable {
  const read = readFlags({ text, words, now }, kinds);
  if (isProblem(read)) return read;
  const { flags, rest } = read;
  if (flags.has('active') && flags.has('inactive')) return { problem: '--active and --inactive exclude each other.' };
  if (flags.has('expires') && flags.has('no-expiry'))
    return { problem: '--expires and --no-expiry exclude each other.' };
  const mine = rest.find((word) => isMine(word.value) && findProfile(word.value, profiles) === undefined);
  const wanted: string[] = [];
  for (const word of rest) {
    if (word === mine) continue;
    const profile = findProfile(word.value, profiles);
    const meant =
      profile === undefined
        ? profiles.filter((one) => providerOf?.(one)?.toLowerCase() === word.value.toLowerCase())
        : [profile];
    if (meant.length === 0) return noProfile(text, word, profiles);
    wanted.push(...meant.filter((one) => !wanted.includes(one)));
  }
  const days = (name: string) => flags.get(name) as number | undefined;
  const query: ListQuery = {
    profiles: wanted,
    sort: 'age',
    ...readOwner(mine === undefined ? (flags.get('owner') as string | undefined) : 'me'),
    ...defined({
      state: flags.has('active') ? 'active' : flags.has('inactive') ? 'inactive' : undefined,
      name: flags.get('name') as string | undefined,
      olderThanDays: days('older-than'),
      unusedDays: days('unused'),
      expiresWithinDays: days('expires'),
      noExpiry: flags.has('no-expiry') ? true : undefined,
    }),
  };
  return { query, flags };
}

/** True for a word by which people mean their own tokens. */
export function isMine(text: string): boolean {
  return /^@?(?:mine|me|my)$/i.test(text);
}

/** True for a person picked in Slack. */
export function isPicked(text: string): boolean {
  return /^@[UW][A-Z0-9]{4,20}$/.test(text);
}

/** An owner at the provider, or a person in Slack, who may be the one who asks. */
function readOwner(owner: string | undefined): Pick<ListQuery, 'owner' | 'ownedBy'> {
  if (owner === undefined) return {};
  if (isMine(owner)) return { ownedBy: 'me' };
  if (isPicked(owner)) return { ownedBy: owner.slice(1) };
  return { owner: owner.replace(/^@(?=.)/, '') };
}

function noProfile(text: string, word: Word, profiles: readonly string[]): Curable {
  const replaced = (by: string) => `${text.slice(0, word.start)}${by}${text.slice(word.end)}`;
  const problem = `There is no profile ${shown(word.value)}.`;
  if (isTokenId(word.value)) return { problem, cure: `show ${word.value}` };
  if (/^(?:all|any|every|everything|tokens?)$/i.test(word.value)) return { problem, topic: 'list', cure: replaced('') };
  if (/^stale$/i.test(word.value)) return { problem, topic: 'list', cure: 'hygiene' };
  const flag = Object.keys(LIST_FLAGS).find((name) => sameFlag(name, word.value.toLowerCase()));
  if (flag !== undefined) return { problem, topic: 'list', cure: replaced(`--${flag}`) };
  const older = /^older(?:\s+than)?(?=\s)/i.exec(text.slice(word.start))?.[0];
  if (older !== undefined) {
    const cure = `${text.slice(0, word.start)}--older-than${text.slice(word.start + older.length)}`;
    return { problem, topic: 'list', cure };
  }
  if (/@/.test(word.value)) return { problem, topic: 'list', cure: replaced(`--owner ${quote(word.value)}`) };
  if (word.value.includes('*')) return { problem, topic: 'list', cure: replaced(`--name ${quote(word.value)}`) };
  const begun = profiles.filter((profile) => profile.startsWith(word.value.toLowerCase()));
  const meant = begun.length > 0 ? begun.join(' ') : nearest(word.value, profiles);
  return { problem, topic: 'list', cure: replaced(meant ?? `--name ${quote(`*${word.value}*`)}`) };
}

/** Reads `show <token>`. */
export function parseShow({ text, words, profiles }: Line): Command | Curable {
  const read = readFlags({ text, words }, {});
  if (isProblem(read)) return read;
  // A bullet or a quotation sign before a pasted id.
  const marked = read.rest.filter(({ quoted, value }) => quoted || !isMarks(value));
  const bare = marked.filter(({ quoted, value }) => quoted || !ARTICLE.test(value));
  const named = bare.length === 1 ? bare : marked;
  const [word, ...others] = named;
  if (word === undefined) return { problem: 'Which token should be shown?', topic: 'show' };
  if (others.length > 0) {
    const name = named.map(({ value }) => value).join(' ');
    return {
      problem: 'Only one token can be shown. A name with blanks must be in quotation marks.',
      cure: `show ${quote(name)}`,
    };
  }
  const token = readToken(text, word, profiles);
  return typeof token === 'string' ? { verb: 'show', token } : token;
}

/** What people put before, or behind, a name and no token is called. */
export const ARTICLE = /^(?:the|my|our|this|that|a|an|token)$/i;

/** Reads `audit [--token t] [--actor @u] [--since 24h] [--file jsonl|csv]`. */
export function parseAudit({ text, words, profiles, now }: Line): Command | Curable {
  const read = readFlags(
    { text, words, now },
    { token: 'text', actor: 'text', since: 'hours', file: ['jsonl', 'csv'] },
  );
  if (isProblem(read)) return read;
  const [extra] = read.rest;
  if (extra !== undefined) {
    return {
      problem: `${shown(extra.value)} is not understood here. A token is given as --token, a person as --actor.`,
      topic: 'audit',
      cure: cureExtra(text, extra, now),
    };
  }
  const { flags } = read;
  const actor = flags.get('actor') as string | undefined;
  const actorUserId = isMine(actor ?? '') ? 'me' : /^@?([UW][A-Z0-9]{2,20})$/.exec(actor ?? '')?.[1];
  if (actor !== undefined && actorUserId === undefined) {
    return {
      problem: `${shown(actor)} is nobody Slack told me of: pick the person from the list after "@".`,
      topic: 'audit',
    };
  }
  const token = (flags.get('token') as string | undefined)?.trim();
  return {
    verb: 'audit',
    ...defined({
      token: token === undefined ? undefined : tidyToken(token, profiles),
      actorUserId,
      sinceHours: flags.get('since') as number | undefined,
      file: flags.get('file') as 'jsonl' | 'csv' | undefined,
    }),
  };
}

/** What a word of `audit` probably means: a time, a case, oneself, a person, else a token. */
function cureExtra(text: string, extra: Word, now: Date | undefined): string {
  const { value } = extra;
  if (CASE_ID.test(value)) return `case ${value}`;
  const flag = isTime(value, now)
    ? `--since ${value}`
    : isMine(value)
      ? '--actor me'
      : isPicked(value)
        ? `--actor ${value}`
        : `--token ${quote(value)}`;
  return `${text.slice(0, extra.start)}${flag}${text.slice(extra.end)}`;
}

function isTime(text: string, now: Date | undefined): boolean {
  return (now !== undefined && readDate(text, now) !== undefined) || readHours(text) !== undefined;
}

const CASE_ID = /^c-([a-z0-9]{4,16})$/i;

/** Reads `cases [--open]`. */
export function parseCases({ text, words }: Line): Command | Curable {
  const read = readFlags({ text, words }, { open: 'switch' });
  if (isProblem(read)) return read;
  const [extra] = read.rest;
  if (extra === undefined) return { verb: 'cases', open: read.flags.has('open') };
  const cure = CASE_ID.test(extra.value)
    ? `case ${extra.value}`
    : /^open$/i.test(extra.value)
      ? 'cases --open'
      : 'cases';
  return { problem: `${shown(extra.value)} is not understood here.`, topic: 'cases', cure };
}

/** Reads `case <id>`. */
export function parseCase({ text, words }: Line): Command | Curable {
  const read = readFlags({ text, words }, {});
  if (isProblem(read)) return read;
  const [word, extra] = read.rest;
  if (word === undefined) return { problem: 'Which case?', topic: 'case', cure: 'cases --open' };
  const id = CASE_ID.exec(bareToken(word.value) ?? word.value.replace(/^[#(]+|[).,;:]+$/g, ''))?.[1];
  if (id === undefined)
    return { problem: `${shown(word.value)} is no case id such as C-ABCD2345.`, topic: 'case', cure: 'cases' };
  if (extra !== undefined)
    return { problem: `${shown(extra.value)} is not understood here.`, cure: `case ${word.value}` };
  return { verb: 'case', id: `C-${id.toUpperCase()}` };
}

/** Reads `help [verb]`. */
export function parseHelp({ text, words }: Line): Command | Curable {
  const read = readFlags({ text, words }, {});
  if (isProblem(read)) return read;
  const [word, extra] = read.rest;
  if (word === undefined) return { verb: 'help' };
  if (extra !== undefined) return { problem: 'Help is given for one verb at a time.', cure: `help ${word.value}` };
  const topic = findVerb(word.value);
  if (topic !== undefined) return { verb: 'help', topic };
  const meant = meantVerb(word.value);
  return { problem: `There is no verb ${shown(word.value)}.`, cure: meant === undefined ? 'help' : `help ${meant}` };
}

/** Reads `hygiene [profile…]`. */
export function parseHygiene(line: Line): Command | Curable {
  const read = readQuery(line, {});
  return isProblem(read) ? { ...read, topic: 'hygiene' } : { verb: 'hygiene', profiles: read.query.profiles };
}

/** Reads `stats [--since 7d]`. */
export function parseStats({ text, words, now }: Line): Command | Curable {
  const read = readFlags({ text, words, now }, { since: 'hours' });
  if (isProblem(read)) return read;
  const [extra] = read.rest;
  if (extra !== undefined) {
    const time = text.slice(extra.start).trim();
    const cure = isTime(time, now) ? `stats --since ${time}` : 'stats';
    return { problem: `${shown(extra.value)} is not understood here.`, topic: 'stats', cure };
  }
  return { verb: 'stats', ...defined({ sinceHours: read.flags.get('since') as number | undefined }) };
}

/** Reads a verb that takes nothing behind it. */
export function parseAlone(verb: 'leak' | 'profiles' | 'whoami' | 'version', { words }: Line): Command | Curable {
  const [extra] = words;
  if (extra === undefined) return { verb };
  if (verb !== 'leak') return { problem: `${shown(extra.value)} is not understood here.`, topic: verb, cure: verb };
  const problem =
    'A secret never belongs into a command. Type the word alone: a window opens, and what you paste there is sealed. ' +
    `If ${shown(extra.value)} is a token's name, look at it first.`;
  return { problem, topic: verb, cure: `show ${quote(extra.value)}` };
}

/** Returns the verb that a word names, in any case. */
export function findVerb(word: string): CommandVerb | undefined {
  const name = word.toLowerCase();
  return Object.hasOwn(VERB_WORDS, name) ? VERB_WORDS[name] : undefined;
}

/** Returns the word of a verb that was probably meant: never acted on. */
export function meantVerb(word: string): string | undefined {
  const name = word.toLowerCase();
  return Object.hasOwn(MEANT, name) ? MEANT[name] : nearest(name, Object.keys(VERB_WORDS));
}
