import { allEnded } from '#shared/core/all-ended.ts';
import { defined } from '#shared/core/defined.ts';
import { without } from '#shared/core/without.ts';
import { FAULTS } from '#shared/core/fault.ts';
import type { ChangeOrder, Token } from '#shared/core/vocabulary.ts';
import { requestOf } from './attempt.ts';
import { isDenied } from './authorise.ts';
import { askConfirmation, type Previewed } from './ask-confirmation.ts';
import type { ListQuery } from './command.ts';
import type { Context } from './context.ts';
import type { Outcome } from './outcome.ts';
import { filterTokens, unanswerable } from './filter-tokens.ts';
import type { Hindered } from './hindrance.ts';
import { partHindered } from './hindrance-of.ts';
import { foundAhead } from './look-ahead.ts';
import { leaksOf } from './leaks-of.ts';
import { namesBeside } from './names-beside.ts';
import { ownersOf } from './owners-of.ts';
import { placeOrder, rightTo } from './place-order.ts';
import { createLister, type Lister } from './read-profiles.ts';
import { resumeOrder } from './resume-order.ts';
import { isUnresolved, type Resolved, resolveTokens, type Unresolved } from './resolve-token.ts';
import type { Services } from './services.ts';
import { tellHindered } from './tell-hindered.ts';

/**
 * Whether one token's change is put before the person once more: as the policy says for typed commands, always after a
 * press that a thumb can slip on, never after Slack's own confirm dialog. Several tokens are always previewed.
 */
export type Ask = 'policy' | 'always' | 'never';

/** An order as it comes in: tokens by the names that a person gave them. */
export interface NamedOrder extends Pick<ChangeOrder, 'verb' | 'keepGoing' | 'reason' | 'caseId'> {
  readonly tokens: readonly string[];
  /** Stands for the tokens: whatever fits it. Always previewed. */
  readonly filter?: ListQuery;
  readonly ask?: Ask;
}

/**
 * Takes a person's order to deactivate, activate or delete: names resolved without a guess, rights and caps checked, then
 * done at once, or put before the person as a confirmation. Nothing is done when one of several names is unclear. A replay
 * goes on with what it had begun.
 */
export async function takeOrder(context: Context, { ask = 'policy', ...named }: NamedOrder): Promise<Outcome> {
  const { services, authority } = context;
  const { verb } = named;
  const resumed = await resumeOrder(context);
  if (resumed !== undefined) return resumed.outcome;
  const allowed = authority.may(verb);
  if (isDenied(allowed)) return allowed;
  const list = context.ahead?.list ?? createLister(services);
  // What a person has typed may name one token more, whatever stands before it.
  const beside =
    ask === 'policy' && named.reason !== undefined ? namesBeside(services, { authority, verb, list }) : undefined;
  try {
    return await decideOrder(context, { ...named, ask }, { list, names: beside?.names });
  } finally {
    // Who has lost the job reads nothing any more.
    await beside?.ended;
  }
}

interface Reading {
  readonly list: Lister;
  readonly names: Promise<readonly string[]> | undefined;
}

/** Finds what is meant, and carries it out or asks first. */
async function decideOrder(
  context: Context,
  { ask, ...named }: NamedOrder & { readonly ask: Ask },
  { list, names }: Reading,
): Promise<Outcome> {
  const { services, authority, attempt } = context;
  const { verb } = named;
  const found = await findTokens(context, named, list);
  if ('kind' in found) return found;
  const { askedAt } = found;
  const isPreviewed = named.filter !== undefined || asksFirst(services, found.tokens, { verb, ask });
  const { tokens: able, hindered } = await partHindered(services, verb, found.tokens);
  // One that is not previewed is tried: its provider knows best, and what is refused is told as what it is.
  const tokens = isPreviewed ? able : found.tokens;
  const order: ChangeOrder = {
    ...without(named, 'filter'),
    tokens: tokens.map(({ profile, id, name }) => ({ profile, id, name })),
    requester: authority.actor,
    ...requestOf(attempt),
  };
  const [only] = tokens;
  if (only === undefined) return noneOf(context, { order, hindered, found });
  const [known = [], leaks] = await allEnded([names, verb === 'activate' ? leaksOf(services, tokens) : []]);
  const alsoNamed = namedIn(order, known);
  const isUnsure = alsoNamed.length > 0 || leaks.length > 0;
  // What is not previewed is one token, as it was just read.
  if (!isPreviewed && !isUnsure)
    return placeOrder({ ...context, attempt: { ...attempt, read: { token: only, askedAt } } }, order);
  // Whoever else wants the token is not kept from it while a person thinks.
  await context.ahead?.letGo();
  if (able.length === 0) return noneOf(context, { order, hindered, found });
  return askConfirmation(context, order, { ...without(found, 'askedAt'), tokens, leftOut: hindered, alsoNamed, leaks });
}

/** Says of an order that nothing of it can be done, to somebody who may ask for it. */
async function noneOf(
  { services, authority }: Context,
  {
    order,
    hindered,
    found,
  }: { readonly order: ChangeOrder; readonly hindered: readonly Hindered[]; readonly found: Found },
): Promise<Outcome> {
  const tokens = hindered.map(({ token: { profile, id, name } }) => ({ profile, id, name }));
  const whole = { ...order, tokens };
  const allowed = rightTo(whole, authority);
  if (isDenied(allowed)) return allowed;
  const warrant = { rule: `role:${allowed.role}`, approvedBy: [] };
  return tellHindered(services, { order: whole, warrant, hindered }, without(found, 'askedAt', 'tokens'));
}

interface Found extends Pick<Previewed, 'tokens' | 'filter' | 'unread' | 'unseen'> {
  /** When they were asked for, milliseconds since the epoch. */
  readonly askedAt: number;
}

/** Finds the tokens that an order names, or that fit its filter; what is said instead where that cannot be done. */
async function findTokens(context: Context, named: Omit<NamedOrder, 'ask'>, list: Lister): Promise<Found | Outcome> {
  const { services, authority, attempt } = context;
  const { verb } = named;
  const limit = services.policy.limits.bulkMax;
  const found = named.filter === undefined ? undefined : await filtered(context, { verb, given: named.filter, list });
  if (found !== undefined && 'kind' in found) return found;
  if ((found?.tokens ?? named.tokens).length > limit)
    return { kind: 'denied', verb, why: 'too_many', roles: [], limit };
  if (found !== undefined) return found;
  const asked = { verb, asked: named.tokens };
  const { askedAt, answers } = (await foundAhead(context.ahead, authority, asked)) ?? {
    askedAt: services.now().getTime(),
    answers: await resolveTokens(services, authority, { ...asked, list }),
  };
  const unclear = unclearIn(answers, named, attempt.journal.attempt);
  if (unclear !== undefined) return unclear;
  const resolved = answers.flatMap((answer) => (answer.kind === 'resolved' ? [answer.token] : []));
  return { askedAt, tokens: [...new Map(resolved.map((token) => [`${token.profile}:${token.id}`, token])).values()] };
}

/** A change wants what it would change. */
const WANTED: Readonly<Record<ChangeOrder['verb'], Pick<ListQuery, 'state'>>> = {
  deactivate: { state: 'active' },
  activate: { state: 'inactive' },
  delete: {},
};

/** Finds what fits a filter in the profiles where the person may make the change; a list without rows where nothing does. */
async function filtered(
  { services, authority }: Context,
  { verb, given, list }: { readonly verb: ChangeOrder['verb']; readonly given: ListQuery; readonly list: Lister },
): Promise<Found | Outcome> {
  const filter = { ...WANTED[verb], ...given };
  const denied = filter.profiles.map((profile) => authority.may(verb, profile)).find(isDenied);
  if (denied !== undefined) return denied;
  const profiles = filter.profiles.length > 0 ? filter.profiles : authority.profilesFor(verb);
  const askedAt = services.now().getTime();
  const { tokens, unread, unseen } = await list(profiles);
  const now = services.now();
  const owners = await ownersOf(services, authority.actor, filter.ownedBy);
  const fitting = filterTokens(tokens, { ...filter, ...defined({ owners }) }, now);
  const left = [...unseen, ...unanswerable(tokens, filter)];
  if (fitting.length > 0) return { askedAt, tokens: fitting, filter, unread, unseen: left };
  const none = { query: filter, tokens: [], offset: 0, matching: 0, seen: tokens.length, private: false } as const;
  return { kind: 'listed', ...none, profiles, unread, unseen: left, at: now.toISOString() };
}

/** The other tokens that a reason names: what stands there may have been meant as one more. */
function namedIn({ reason = '', tokens }: ChangeOrder, known: readonly string[]): readonly string[] {
  const plain = (text: string) =>
    ` ${text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_.:@-]+/gu, ' ')
      .trim()} `;
  const said = plain(reason);
  const own = new Set(tokens.map(({ name }) => name.toLowerCase()));
  const names = known.filter((name) => plain(name).length > 3 && !own.has(name.toLowerCase()));
  return [...new Set(names)].filter((name) => said.includes(plain(name)));
}

/** What keeps an order from being understood: a profile that cannot be read now, or a name that means none or several. */
function unclearIn(
  answers: readonly (Resolved | Unresolved)[],
  { verb, tokens, reason }: Omit<NamedOrder, 'ask'>,
  attempt: number,
): Outcome | undefined {
  const unread = answers.flatMap((answer) => (answer.kind === 'unknown_token' ? answer.unread : []));
  const passing = unread.find(({ trouble }) => FAULTS[trouble.fault].queue === 'retry');
  // The token may well be in the profile that cannot be read now: the request is kept and tried again.
  if (passing !== undefined) {
    return { kind: 'trouble', verb, trouble: { ...passing.trouble, next: 'retrying', attempt }, asked: tokens };
  }
  const unclear = answers.find(isUnresolved);
  return unclear?.kind === 'ambiguous' && reason !== undefined ? { ...unclear, reason } : unclear;
}

function asksFirst(
  { policy }: Services,
  tokens: readonly Token[],
  { verb, ask }: { readonly verb: ChangeOrder['verb']; readonly ask: Ask },
): boolean {
  if (tokens.length > 1) return true;
  if (verb === 'activate' || ask === 'never') return false;
  return ask === 'always' || policy.limits.confirm.includes(verb);
}
