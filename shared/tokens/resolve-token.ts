import { distance } from 'fastest-levenshtein';
import { allEnded } from '#shared/core/all-ended.ts';
import type { Token, Verb } from '#shared/core/vocabulary.ts';
import { providersOfId } from '#shared/providers/providers-of-id.ts';
import { type Authority, isDenied } from './authorise.ts';
import type { Outcome, OutcomeOf } from './outcome.ts';
import type { ProfileTrouble } from './trouble.ts';
import { createLister, type Lister, readProfiles } from './read-profiles.ts';
import type { Services } from './services.ts';

type NamingVerb = OutcomeOf<'unknown_token'>['verb'] & (Verb | 'show');

/** What is named, and what for. */
export interface Named {
  readonly verb: Exclude<NamingVerb, 'audit'>;
  readonly asked: string;
}

export type Resolved = { readonly kind: 'resolved'; readonly token: Token; readonly role: string };
export type Unresolved = OutcomeOf<'ambiguous' | 'unknown_token' | 'denied'>;

/** How a search looks at the profiles. */
interface TokenLookup {
  list(profiles: readonly string[]): Promise<Seen>;
  find(profiles: readonly string[], id: string): Promise<Seen>;
}

interface Seen {
  readonly tokens: readonly Token[];
  readonly unread: readonly ProfileTrouble[];
}

/** Asks each profile for the id itself: one small call each. */
function createLookup(services: Services, list: Lister = createLister(services)): TokenLookup {
  return {
    list,
    find: async (profiles, id) => {
      const { read, unread } = await readProfiles(services, profiles, (provider) => provider.get(id));
      return { tokens: read.flatMap(({ value }) => value ?? []), unread };
    },
  };
}

/** Reads each profile once for all searches: for many tokens that is far fewer calls than one for each and profile. */
function createListingLookup(list: Lister): TokenLookup {
  return {
    list,
    find: async (profiles, id) => {
      const { tokens, unread } = await list(profiles);
      return { tokens: tokens.filter((token) => token.id === id), unread };
    },
  };
}

interface NamedTokens extends Omit<Named, 'asked'> {
  readonly asked: readonly string[];
  /** Lists for this request, if others of it need lists too. */
  readonly list?: Lister;
}

/** Finds what each of several names means; the calls grow with the profiles, not with the names. */
export function resolveTokens(
  services: Services,
  authority: Authority,
  { verb, asked, list = createLister(services) }: NamedTokens,
): Promise<readonly (Resolved | Unresolved)[]> {
  const lookup = asked.length > 1 ? createListingLookup(list) : createLookup(services, list);
  return allEnded(asked.map((one) => resolveBy(lookup, { services, authority }, { verb, asked: one })));
}

/**
 * Finds the one token that a person means by an id, `profile:id` or a name that is unique among what they may see for
 * this verb. Several of one name, or one while a profile could not be read, give a choice, never a guess.
 */
export function resolveToken(services: Services, authority: Authority, naming: Named): Promise<Resolved | Unresolved> {
  return resolveBy(createLookup(services), { services, authority }, naming);
}

const CASE_ID = /^c-[a-z2-7]{8,16}$/i;

/** The token of a case whose id was given instead: what is on the card. Every other name is left as it is. */
async function ofCase({ store }: Services, asked: string): Promise<string> {
  if (!CASE_ID.test(asked)) return asked;
  const token = (await store.cases.get(asked.toUpperCase()))?.token;
  return token === undefined ? asked : `${token.profile}:${token.id}`;
}

interface Scope {
  readonly services: Services;
  readonly authority: Authority;
}

async function resolveBy(
  lookup: TokenLookup,
  { services, authority }: Scope,
  { verb, asked }: Named,
): Promise<Resolved | Unresolved> {
  const { profile, text } = split(services, await ofCase(services, asked));
  if (profile !== undefined) {
    const allowed = authority.may(verb, profile);
    if (isDenied(allowed)) return allowed;
  } else {
    const allowed = authority.may(verb);
    if (isDenied(allowed)) return allowed;
  }
  const profiles = profile === undefined ? authority.profilesFor(verb) : [profile];
  return providersOfId(text).length > 0
    ? byId(lookup, { services, authority }, { verb, asked, id: text, profiles })
    : byName(lookup, authority, { verb, asked, name: text, profiles, given: profile !== undefined });
}

function split({ policy }: Services, asked: string): { profile?: string; text: string } {
  const colon = asked.indexOf(':');
  const before = asked.slice(0, colon).toLowerCase();
  return colon > 0 && Object.hasOwn(policy.profiles, before)
    ? { profile: before, text: asked.slice(colon + 1) }
    : { text: asked };
}

/** The token that is named by its profile and its id: what it is before anybody was asked. */
export function idNamedIn(services: Services, asked: string): { profile: string; id: string } | undefined {
  const { profile, text } = split(services, asked);
  return profile === undefined || providersOfId(text).length === 0 ? undefined : { profile, id: text };
}

interface Search extends Named {
  readonly profiles: readonly string[];
}

async function byId(
  lookup: TokenLookup,
  { services, authority }: Scope,
  { verb, asked, id, profiles }: Search & { readonly id: string },
): Promise<Resolved | Unresolved> {
  const possible = new Set<string | undefined>(providersOfId(id));
  const fitting = profiles.filter((name) => possible.has(services.providers.kindOf(name)));
  const searched = fitting.length > 0 ? fitting : profiles;
  const { tokens, unread } = await lookup.find(searched, id);
  const [first] = tokens;
  if (first === undefined) {
    const others = unread.length > 0 ? [] : (await lookup.list(searched)).tokens;
    return (
      nearId(authority, { verb, asked, id, others }) ?? {
        ...{ kind: 'unknown_token', verb, asked, suggestions: similarIds(others, id), suggestsIds: true, unread },
      }
    );
  }
  if (tokens.some(({ provider }) => provider !== first.provider)) {
    return { kind: 'ambiguous', verb, asked, candidates: tokens };
  }
  // The same id through several profiles is the same token seen by several credentials: the first one can act on it.
  return resolved(authority, verb, first);
}

/** The token whose id differs in capital letters alone, or those whose ids begin like that; `undefined` where none does. */
function nearId(
  authority: Authority,
  { verb, asked, id, others }: Omit<Search, 'profiles'> & { readonly id: string; readonly others: readonly Token[] },
): Resolved | Unresolved | undefined {
  const wanted = id.toLowerCase();
  const same = others.filter((token) => token.id.toLowerCase() === wanted);
  const [first] = same;
  if (first !== undefined && same.every((token) => token.id === first.id && token.provider === first.provider)) {
    return resolved(authority, verb, first);
  }
  const begun = others.filter((token) => isBegun(token, wanted));
  return begun.length === 0 ? undefined : shownOrAsked(authority, { verb, asked, found: begun });
}

/** A part of an id, or of a masked key: shown where it means one token, and put as a choice before a change. */
function shownOrAsked(
  authority: Authority,
  search: Omit<Search, 'profiles'> & { readonly found: readonly Token[] },
): Resolved | Unresolved {
  const answer = partly(search);
  return answer.kind === 'resolved' ? resolved(authority, search.verb, answer.token) : answer;
}

async function byName(
  lookup: TokenLookup,
  authority: Authority,
  { verb, asked, name, profiles, given }: Search & { readonly name: string; readonly given: boolean },
): Promise<Resolved | Unresolved> {
  const { tokens, unread } = await lookup.list(profiles);
  const wanted = name.toLowerCase();
  const byExactId = tokens.filter((token) => token.id === name);
  const found = byExactId.length > 0 ? byExactId : tokens.filter((token) => token.name.toLowerCase() === wanted);
  const [first, ...others] = found;
  if (first === undefined) {
    const begun = tokens.filter((token) => isBegun(token, wanted) || looksLike(token.shortKey, name));
    return begun.length > 0
      ? shownOrAsked(authority, { verb, asked, found: begun })
      : { kind: 'unknown_token', verb, asked, suggestions: similar(tokens, wanted), unread };
  }
  if (others.length > 0 || (unread.length > 0 && !given && byExactId.length === 0)) {
    return { kind: 'ambiguous', verb: verb, asked, candidates: found };
  }
  return resolved(authority, verb, first);
}

function resolved(
  authority: Authority,
  verb: Exclude<NamingVerb, 'audit'>,
  token: Token,
): Resolved | OutcomeOf<'denied'> {
  const allowed = authority.may(verb, token.profile);
  return isDenied(allowed) ? allowed : { kind: 'resolved', token, role: allowed.role };
}

/** A beginning of an id as long as people copy it; shorter ones are names that nobody has. */
const SHORTEST_BEGINNING = 6;

/** The beginning of an id, also with the dots that a page puts behind it, or with its end behind those. */
function isBegun({ id }: Token, wanted: string): boolean {
  const [, head = '', tail = ''] = MASK.exec(wanted) ?? [];
  const own = id.toLowerCase();
  if (head !== '') return head.length >= SHORTEST_HEAD && own.startsWith(head) && own.endsWith(tail);
  return wanted.length >= SHORTEST_BEGINNING && own.startsWith(wanted);
}

/** What stands for hidden characters: dots, stars, bullets, crosses, alone or in brackets. */
const MASK = /^(.*?)[[(]?(?:…|\.{2,}|\*+|•+|·{2,}|[xX]{4,})[\])]?(.*)$/;
const MASKED = /^(.{0,40}?)[[(]?(?:…|\.{2,}|\*+|•+|·{2,}|[xX]{4,})[\])]?(.{3,})$/;
/** Of a masked key, what must be seen of it at least: its end, longer where that is all. */
const SHORTEST_TAIL = 4;
const SHORTEST_HEAD = 4;

/** True where two masked forms of a key may be the same key: neither shows a character that the other has otherwise. */
function looksLike(shown: string | undefined, typed: string): boolean {
  const [, head = '', tail = ''] = MASKED.exec(typed) ?? [];
  const [, ourHead = '', ourTail = ''] = MASKED.exec(shown ?? '') ?? [];
  if (tail === '' || ourTail === '' || (head.length < 3 && tail.length < SHORTEST_TAIL)) return false;
  const headsAgree = head.startsWith(ourHead) || ourHead.startsWith(head);
  return headsAgree && (tail.endsWith(ourTail) || ourTail.endsWith(tail));
}

/** A part of an id shows the one token that it means; before a change it is put to the person as a choice, even of one. */
function partly({
  verb,
  asked,
  found,
}: {
  readonly verb: Search['verb'];
  readonly asked: string;
  readonly found: readonly Token[];
}): Resolved | OutcomeOf<'ambiguous'> {
  const [only, ...others] = found;
  if (verb === 'show' && only !== undefined && others.length === 0) return { kind: 'resolved', token: only, role: '' };
  return { kind: 'ambiguous', verb, asked, candidates: found };
}

/** Names the tokens whose ids differ from what was typed by a slip or two, at most three. */
function similarIds(tokens: readonly Token[], wanted: string): string[] {
  return tokens
    .map(({ id }) => ({ id, score: distance(id, wanted) }))
    .filter(({ score }) => score <= 2)
    .sort((left, right) => left.score - right.score)
    .slice(0, 3)
    .map(({ id }) => id);
}

/** Names the tokens whose names are close to what was typed, closest first, at most three. */
function similar(tokens: readonly Token[], wanted: string): string[] {
  const near = Math.max(2, Math.floor(wanted.length / 3));
  const scored = [...new Set(tokens.map((token) => token.name))].map((name) => ({
    name,
    score: name.toLowerCase().includes(wanted) ? 0 : distance(name.toLowerCase(), wanted),
  }));
  return scored
    .filter(({ score }) => score <= near)
    .sort((left, right) => left.score - right.score)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** True for the endings of a search that are an `Outcome` already. */
export function isUnresolved(answer: Resolved | Unresolved): answer is Unresolved & Outcome {
  return answer.kind !== 'resolved';
}
