import { defined } from '#shared/core/defined.ts';
import { sha256Hex } from '#shared/core/hmac-sha256.ts';
import type { Actor, ChangeOrder, Order, Token, TokenState } from '#shared/core/vocabulary.ts';
import { EARLY_MS } from '#shared/jobs/is-due.ts';
import type { ApprovalRule } from '#shared/policy/policy.ts';
import type { Approval, SeenTokens } from '#shared/store/store.ts';
import { approvalRule } from '#shared/policy/approval-rule.ts';
import { alreadySo } from './already-so.ts';
import { asRefused } from './as-refused.ts';
import { stableId } from './attempt.ts';
import type { Context } from './context.ts';
import { describeApproval, hasUnreadGroup } from './describe-approval.ts';
import type { Hindered } from './hindrance.ts';
import { partHindered } from './hindrance-of.ts';
import { leaksOf } from './leaks-of.ts';
import type { Change, OutcomeOf } from './outcome.ts';
import { planDue } from './plan-due.ts';
import { type OrderRead, readOrder } from './read-order.ts';
import type { Services } from './services.ts';
import { tellHindered } from './tell-hindered.ts';
import { withPeople } from './with-people.ts';
import { recordOf, subjectOf } from './warrant.ts';

/** The note of a job that says which request it has opened. */
const REQUEST = 'approval';

/** As long as a worker lives: what it has not opened by then, its next attempt opens, and plans anew. */
const OPENED_WITHIN_MS = 120_000;

/** Tokens of which a request keeps all that was read. */
const KEPT_TOKENS = 20;

/**
 * Opens a request that others have to agree to, with what they decide by; or says at once that there are not enough others,
 * that a fresh read shows nothing left to be done, or that the very same waits for others already: two requests for one change
 * would be agreed to by people of whom none knows of the other.
 */
export async function askOthers(
  context: Context,
  order: Order,
  rule: ApprovalRule,
): Promise<OutcomeOf<'approval' | 'no_approver' | 'asked_before' | 'bulk' | 'hindered'> | Change> {
  const { services, attempt } = context;
  const id = await stableId(attempt, REQUEST, services.newId);
  // A replay goes on with the request that was opened, whatever has become of its tokens.
  const known = attempt.journal.attempt > 1 ? await services.store.approvals.get(id) : undefined;
  const read = known === undefined ? await readOrder(services, order) : undefined;
  if (read !== undefined && order.verb !== 'lever') {
    const warrant = { rule: `approval:${rule.name}`, approvedBy: [] };
    const already = await alreadySo(context, { order, warrant }, read);
    if (already !== undefined) return already;
    const hindered = order.lifts === undefined ? await allHindered(services, order, read) : undefined;
    if (hindered !== undefined) return tellHindered(services, { order, warrant, hindered });
  }
  const expiresAt = new Date(Date.parse(attempt.requestedAt) + rule.expiresMinutes * 60_000).toISOString();
  const opening = {
    id,
    // Whoever asked may have waited for longer than it would have stood: then nobody is asked any more.
    state: services.now().toISOString() > expiresAt ? 'lapsed' : 'open',
    order,
    expiresAt,
    needed: rule.approvers,
    rule: rule.name,
    approvedBy: [],
    ...(read === undefined ? {} : { seen: await seenIn(services, order, read) }),
  } as const;
  const opened = await services.store.hold(sameRequest(order), async (held) => {
    const earlier = await stillOpen(services, held.kept<string>());
    if (earlier !== undefined && earlier.id !== id) return askedBefore(services, earlier);
    held.keep(id);
    // Before it is opened: whoever opens it may die, or be given up, before anybody is told of it.
    if (known === undefined) await planLapse(services, opening);
    return (await services.store.approvals.open(opening)).record;
  });
  return 'kind' in opened ? opened : openedRequest(context, opened);
}

/** An end that came before its request is there would find nothing to end, also where its time is over by now. */
function planLapse(services: Services, { id, expiresAt }: Pick<Approval, 'id' | 'expiresAt'>): Promise<void> {
  const at = Math.max(Date.parse(expiresAt) + EARLY_MS, services.now().getTime() + OPENED_WITHIN_MS);
  return planDue(services, id, { step: 'lapse', at });
}

/** The request that an earlier attempt of this job has opened, and may have died before it told anybody of it. */
export async function openedBefore({
  services,
  attempt: { journal },
}: Pick<Context, 'services' | 'attempt'>): Promise<Approval | undefined> {
  const id = journal.attempt > 1 ? journal.get<string>(REQUEST) : undefined;
  return id === undefined ? undefined : services.store.approvals.get(id);
}

/** Why none of the tokens can be changed, where all of them were read and none can: nobody is made to agree to that. */
async function allHindered(
  services: Services,
  { verb }: ChangeOrder,
  { found, gone, unread }: OrderRead,
): Promise<readonly Hindered[] | undefined> {
  if (gone.length + unread.length > 0) return undefined;
  const { tokens, hindered } = await partHindered(services, verb, found);
  return tokens.length === 0 ? hindered : undefined;
}

/** The same for all orders of the same change of the same tokens, whoever asks. */
function sameRequest(order: Order): string {
  const tokens = order.tokens.map(({ profile, id }) => `${profile}:${id}`).toSorted();
  const how = order.verb === 'lever' ? order.lever.id : (order.lifts ?? '');
  return `request:${sha256Hex(JSON.stringify([order.verb, how, tokens]))}`;
}

/** A request that can still be agreed to: one of which nobody could, as the policy is now, keeps no other back. */
async function stillOpen(services: Services, id: string | undefined): Promise<Approval | undefined> {
  const earlier = id === undefined ? undefined : await services.store.approvals.get(id);
  if (earlier?.state !== 'open' || services.now().toISOString() > earlier.expiresAt) return undefined;
  const { approvers } = await describeApproval(services, earlier);
  return approvers.length + earlier.approvedBy.length < earlier.needed ? undefined : earlier;
}

async function askedBefore(
  { channels }: Services,
  { order, needed, approvedBy, expiresAt, message }: Approval,
): Promise<OutcomeOf<'asked_before'>> {
  const link = message === undefined ? undefined : await channels.linkTo(message);
  const { verb, requester: by, requestedAt: at } = order;
  const missing = Math.max(0, needed - approvedBy.length);
  return { kind: 'asked_before', verb, by, at, missing, expiresAt, ...defined({ message, link }) };
}

/**
 * Puts a request that was opened on record, once, and says what there is to say of it. One whose job was given up since ends
 * with that.
 */
export async function openedRequest(
  { services, attempt: { calledOffBy } }: Pick<Context, 'services' | 'attempt'>,
  opened: Approval,
): Promise<OutcomeOf<'approval' | 'no_approver'>> {
  const record = calledOffBy === undefined ? opened : await endCalledOff(services, opened, calledOffBy);
  const { id, order, rule, needed } = record;
  const approval = await describeApproval(services, record);
  await services.store.audit.append({
    at: services.now().toISOString(),
    id: `request-${id}`,
    actor: order.requester,
    what: 'request',
    rule,
    result: 'pending',
    ...recordOf(order),
    ...subjectOf(order),
  });
  const { approvers, mayBreakGlass } = approval;
  if (record.state !== 'open' || approvers.length >= needed) return approval;
  return {
    kind: 'no_approver',
    approvalId: id,
    verb: order.verb,
    rule,
    roles: approvalRule(services.policy, rule)?.by ?? [],
    needed,
    could: approvers.length,
    unread: await hasUnreadGroup(services, record),
    mayBreakGlass,
  };
}

/** Ends a request that still waits, for whoever has given its job up. */
async function endCalledOff({ store, now }: Services, opened: Approval, actor: Actor): Promise<Approval> {
  const vote = { actor, at: now().toISOString() };
  const changed = await store.approvals.change(opened.id, (current) =>
    current.state === 'open' ? asRefused(current, vote) : undefined,
  );
  return changed?.record ?? opened;
}

/** What is said where a change is never made without others, and no rule of the policy says by whom. */
export function noApprovalRule(verb: Order['verb']): OutcomeOf<'no_approver'> {
  return { kind: 'no_approver', verb, roles: [], needed: 1, could: 0, unread: false, mayBreakGlass: false };
}

/** What was read, in the size that a request keeps. */
async function seenIn(services: Services, { verb }: Order, { found, gone, unread }: OrderRead): Promise<SeenTokens> {
  const inState = (state: TokenState) => found.filter((token) => token.state === state).length;
  const leaks = verb === 'activate' ? await leaksOf(services, found) : [];
  return {
    at: services.now().toISOString(),
    tokens: await withPeople(services, found.slice(0, KEPT_TOKENS)),
    counts: {
      active: inState('active'),
      inactive: inState('inactive'),
      expired: inState('expired'),
      unread: gone.length + unread.length,
    },
    leaks: leaks.slice(0, KEPT_TOKENS).map(({ id, token, reports }) => ({
      caseId: id,
      name: nameOf(token),
      isPublic: reports.some(({ publiclyLeaked }) => publiclyLeaked === true),
    })),
  };
}

function nameOf(token: Token | undefined): string {
  return token?.name ?? '';
}
