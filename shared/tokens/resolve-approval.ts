import { defined } from '#shared/core/defined.ts';
import { Fault, isFault } from '#shared/core/fault.ts';
import type { LeverOrder, Order } from '#shared/core/vocabulary.ts';
import { approvalRule, mayApprove, mayBreakGlass } from '#shared/policy/approval-rule.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { isOurs } from '#shared/policy/roles.ts';
import type { Approval, AuditEntry, Records, Vote } from '#shared/store/store.ts';
import { alreadySo } from './already-so.ts';
import { asRefused } from './as-refused.ts';
import { describeApproval } from './describe-approval.ts';
import { readOrder, surelyChanges } from './read-order.ts';
import { type Authority, authorise, type Denied, isDenied } from './authorise.ts';
import { carryOut } from './carry-out.ts';
import type { Context } from './context.ts';
import { profilesOf, subjectOf, type Warrant } from './warrant.ts';
import type { Outcome, OutcomeOf } from './outcome.ts';
import { resumeOrder } from './resume-order.ts';
import { reviewVotes } from './review-votes.ts';
import { comparePerson, type IsSelf, type Selves } from './compare-person.ts';
import { isRetrying, troubleOf } from './trouble-of.ts';
import { isSameVote, wasSettledBy } from './was-settled-by.ts';

/** What somebody pressed on a request that waits for others. */
export interface ApprovalPress {
  readonly approvalId: string;
  readonly answer: 'approve' | 'refuse' | 'break-glass';
  /** Required to break the glass. */
  readonly reason?: string;
}

/** The request as it stands after a press, and what came of it when the press settled it. */
export interface ApprovalResult {
  readonly card?: OutcomeOf<'approval'>;
  readonly result?: Outcome;
}

/** What allows a lever; `refused`: why it is not pulled any more, where an earlier try may have done that. */
export interface LeverWarrant extends Warrant {
  readonly refused?: Denied;
}

/** Pulls the lever of a fully approved order. */
export type PullLever = (order: LeverOrder, warrant: LeverWarrant) => Promise<Outcome>;

/**
 * Takes one person's answer to a request. Rights are looked up afresh, the requester never counts, of two people who press
 * at the same instant one settles it, and after the last yes the requester's own right is checked again before anything is
 * done. A replay after a crash goes on where the first attempt stopped.
 */
export async function resolveApproval(
  context: Context,
  press: ApprovalPress,
  pullLever: PullLever,
): Promise<ApprovalResult> {
  const { services, authority } = context;
  const stored = await services.store.approvals.get(press.approvalId);
  if (stored === undefined) return { result: { kind: 'denied', verb: 'delete', why: 'lapsed', roles: [] } };
  const vote = voteOf(context);
  const isMine = hasVote(stored, press, vote);
  // What a press has changed stays changed: a replay that cannot read the groups any more must not drop it.
  const selves = await comparePerson(services.people, authority.actor.userId, takingPart(stored));
  const refusal = isMine
    ? undefined
    : (refuse(context, stored, press) ?? refuseSelf(services.policy, stored, { ...press, ...selves }));
  if (refusal !== undefined) return { result: refusal };
  if (stored.state !== 'open' && !isMine) {
    return { card: await describeApproval(services, stored), result: settledBefore(stored) };
  }
  const needless = isMine || press.answer === 'refuse' ? undefined : await endNeedless(context, stored, press);
  if (needless !== undefined) return needless;
  const now = services.now().toISOString();
  const { look, isUntold } = await reviewVotes(services, stored);
  // It would count with this one, or be lost with it.
  if (isUntold && !isMine && press.answer === 'approve') {
    throw new Fault('slack_unavailable', 'nobody can tell whether an earlier yes counts');
  }
  // A press that changed nothing is no act, and the record says nothing of it.
  const change = (current: Approval) => next(look(current), press, { vote, now, isSelf: selves.isSelf });
  const changed = isMine ? { record: stored, changed: true } : await changeOnRecord(context, press, { stored, change });
  const record = changed?.record ?? stored;
  if (changed?.changed === false && hasMore(record, stored)) return resolveApproval(context, press, pullLever);
  // Whoever changed it may have died before its line was told apart from the table.
  if (isMine) await services.store.audit.append(auditEntry(context, press, record));

  const isSettledHere = wasSettledBy(record, vote);
  if (!isSettledHere) {
    const lost = changed?.changed !== true || record.state === 'lapsed';
    return {
      card: await describeApproval(services, record),
      ...(lost ? { result: lostPress(record, selves.isSelf) } : {}),
    };
  }
  const result = await carryOutApproved(context, record, pullLever);
  if (isRetrying(result)) return { card: await describeApproval(services, record), result };
  const finish = (current: Approval): Approval | undefined =>
    current.state === 'approved' ? { ...current, state: 'done' } : undefined;
  const done = await services.store.approvals.change(record.id, finish, { seen: record });
  return { card: await describeApproval(services, done?.record ?? record), result };
}

/** Ends a request whose tokens a fresh read shows to be so already: nobody is made to agree to what is no change. */
async function endNeedless(
  context: Context,
  approval: Approval,
  press: ApprovalPress,
): Promise<ApprovalResult | undefined> {
  const { services } = context;
  const { order, rule, seen, expiresAt } = approval;
  if (order.verb === 'lever' || services.now().toISOString() > expiresAt) return undefined;
  if (await surelyChanges(services, order)) return undefined;
  const waiting = { order, warrant: { rule: `approval:${rule}`, approvedBy: [] }, known: seen?.tokens ?? [] };
  const already = await alreadySo(context, waiting, await readOrder(services, order, waiting.known));
  if (already === undefined) return undefined;
  const end = (current: Approval): Approval | undefined =>
    current.state === 'open' ? { ...current, state: 'needless' } : undefined;
  const ended = await changeOnRecord(context, press, { stored: approval, change: end });
  const record = ended?.record ?? approval;
  const card = await describeApproval(services, record);
  return { card, result: ended?.changed === true ? already : settledBefore(record) };
}

/**
 * Changes a request, and puts the press that does on record with that: nothing in a request that has lapsed, or was needless,
 * tells a replay whose press it was.
 */
function changeOnRecord(
  context: Context,
  press: ApprovalPress,
  {
    stored,
    change,
  }: { readonly stored: Approval; readonly change: (current: Approval) => Omit<Approval, 'version'> | undefined },
): ReturnType<Records<Approval>['change']> {
  const { approvals, audit } = context.services.store;
  const along = (record: Approval) => [audit.writing(auditEntry(context, press, record))];
  return approvals.change(stored.id, change, { seen: stored, along });
}

/** Those of whom whoever approves has to be another. */
function takingPart({ order, approvedBy }: Approval): readonly string[] {
  return [order.requester, ...approvedBy.map(({ actor }) => actor)].map(({ userId }) => userId);
}

/** True where somebody has agreed since it was read: nobody has asked yet whether that is the person who presses. */
function hasMore(record: Approval, stored: Approval): boolean {
  const known = takingPart(stored);
  return record.state === 'open' && takingPart(record).some((userId) => !known.includes(userId));
}

function refuse(context: Context, approval: Approval, press: ApprovalPress): Denied | undefined {
  const { policy } = context.services;
  const { actor, groups } = context.authority;
  const consent =
    press.answer === 'break-glass'
      ? mayBreakGlass({ policy, rule: approval.rule, actor, groups })
      : // The requester may take the request back; that is a no, never a yes.
        press.answer === 'refuse' && isOurs(policy, actor) && actor.userId === approval.order.requester.userId
        ? { allowed: true as const, role: 'requester' }
        : mayApprove({ policy, rule: approval.rule, approver: actor, groups, requester: approval.order.requester });
  if (consent.allowed)
    return press.answer === 'break-glass' ? lacksTheRight(context.authority, approval.order) : undefined;
  return { kind: 'denied', verb: approval.order.verb, why: consent.why, roles: consent.roles };
}

/** Refuses a yes of whoever is, or for all that Slack tells may be, the requester or one of those who approved before. */
function refuseSelf(
  policy: Policy,
  { order, rule }: Approval,
  { answer, isSelf, untold }: ApprovalPress & Selves,
): Denied | undefined {
  if (answer !== 'approve' || (untold.size === 0 && !isSelf(order.requester.userId))) return undefined;
  const roles = approvalRule(policy, rule)?.by ?? [];
  return { kind: 'denied', verb: order.verb, why: untold.size > 0 ? 'maybe_same' : 'own_request', roles };
}

/** Whoever goes ahead alone answers for the act, so the right to it is asked of this person too, profile by profile. */
function lacksTheRight(authority: Authority, order: Order): Denied | undefined {
  return profilesOf(order)
    .map((profile) => authority.may(order.verb, profile))
    .find(isDenied);
}

function next(
  record: Approval,
  press: ApprovalPress,
  { vote, now, isSelf }: { readonly vote: Vote; readonly now: string; readonly isSelf: IsSelf },
): Omit<Approval, 'version'> | undefined {
  if (record.state !== 'open') return undefined;
  if (now > record.expiresAt) return { ...record, state: 'lapsed' };
  if (press.answer === 'refuse') return asRefused(record, vote);
  // Whatever workspace of a grid they come from, and by whatever id: nobody counts twice.
  const isAgain = record.approvedBy.some((earlier) => isSelf(earlier.actor.userId));
  if (isAgain && press.answer === 'approve') return undefined;
  const approvedBy = [...record.approvedBy, vote];
  if (press.answer === 'break-glass') {
    return { ...record, approvedBy, brokenGlass: { ...vote, reason: press.reason ?? '' }, state: 'approved' };
  }
  return { ...record, approvedBy, state: approvedBy.length >= record.needed ? 'approved' : 'open' };
}

/** What is left to say to somebody whose press changed nothing. */
function lostPress(record: Approval, isSelf: IsSelf): OutcomeOf<'denied' | 'already_voted'> {
  const { order, state, needed, approvedBy } = record;
  const vote = approvedBy.find((earlier) => isSelf(earlier.actor.userId));
  if (state === 'open' && vote !== undefined) {
    return { kind: 'already_voted', verb: order.verb, at: vote.at, missing: needed - approvedBy.length };
  }
  return settledBefore(record);
}

/** What is said where nothing is left to decide. */
function settledBefore(record: Approval): OutcomeOf<'denied'> {
  return { kind: 'denied', verb: record.order.verb, ...decidedBefore(record), roles: [] };
}

/** Why nothing is left to decide, and who decided it. */
function decidedBefore(record: Approval): Pick<OutcomeOf<'denied'>, 'why' | 'settled'> {
  const { state, refusedBy, approvedBy, brokenGlass } = record;
  if (state === 'lapsed') return { why: 'lapsed' };
  // Nobody has: it was so already.
  if (state === 'needless') return { why: 'settled' };
  const no = refusedBy && ([state === 'withdrawn' ? 'taken back' : 'refused', refusedBy] as const);
  const glass = brokenGlass && (['let through by broken glass', brokenGlass] as const);
  const [how, mark] = no ?? glass ?? (['approved', approvedBy.at(-1)] as const);
  return mark === undefined ? { why: 'settled' } : { why: 'settled', settled: { how, by: mark.actor, at: mark.at } };
}

/** The word of this very press, the same on every replay. */
function voteOf({ authority, attempt }: Context): Vote {
  const { requestedAt, request } = attempt;
  return { actor: authority.actor, at: requestedAt, ...defined({ request }) };
}

/** True when the record holds what this very press changed: on a replay it was done by us already. */
function hasVote({ approvedBy, refusedBy }: Approval, { answer }: ApprovalPress, mine: Vote): boolean {
  return (answer === 'refuse' ? [refusedBy] : approvedBy).some((vote) => vote !== undefined && isSameVote(vote, mine));
}

/** The note of a job how its lever ended: a replay tells that, and asks its provider for nothing more. */
export const PULLED = 'pulled';

async function carryOutApproved(context: Context, approval: Approval, pullLever: PullLever): Promise<Outcome> {
  const { services, attempt } = context;
  const { order } = approval;
  const known = attempt.journal.get<Outcome>(PULLED) ?? (await resumeOrder(context))?.outcome;
  if (known !== undefined) return known;
  const denied = lacksTheRight(await authorise(services, order.requester, attempt.journal), order);
  const refused = denied && ({ ...denied, whose: 'requester' } as const);
  const warrant = warrantOf(approval);
  if (order.verb !== 'lever') return refused ?? carryOut(context, order, warrant);
  const decided = { ...warrant, decidedAt: attempt.requestedAt, ...defined({ refused }) };
  const outcome = await pullLever(order, decided).catch((error: unknown) => unpulled(context, order, error));
  const isNoted = isRetrying(outcome) || attempt.journal.get<Outcome>(PULLED) !== undefined;
  if (!isNoted) await attempt.journal.put(PULLED, outcome);
  return outcome;
}

/** Faults that leave open whether a provider did what it was asked: it is asked again until it says so in its own words. */
export const OPEN_ENDS = ['provider_unreached', 'provider_unexpected'] as const;

/** A fault of a lever that would drop its job, as who asked and who approved are told it: what may be done is tried again. */
function unpulled({ attempt }: Context, { tokens }: LeverOrder, error: unknown): Outcome {
  if (!isFault(error) || error.isRetryable) throw error;
  const next = isFault(error, ...OPEN_ENDS) ? 'retrying' : 'final';
  const known = defined({ profile: tokens[0]?.profile });
  return {
    kind: 'trouble',
    verb: undefined,
    trouble: troubleOf(error, { next, attempt: attempt.journal.attempt, ...known }),
  };
}

/** What allows an approved order. Whoever broke the glass approved nothing for anybody. */
export function warrantOf({ rule, approvedBy, brokenGlass }: Approval): Warrant {
  const votes = approvedBy.filter((vote) => brokenGlass === undefined || !isSameVote(vote, brokenGlass));
  const actors = votes.map(({ actor }) => actor);
  return brokenGlass === undefined
    ? { rule: `approval:${rule}`, approvedBy: actors }
    : { rule: `break-glass:${rule}`, approvedBy: actors, brokenGlassBy: brokenGlass.actor };
}

function auditEntry({ services, authority, attempt }: Context, press: ApprovalPress, record: Approval): AuditEntry {
  const { actor } = authority;
  const { order, rule, state } = record;
  return {
    at: services.now().toISOString(),
    id: `${press.answer}-${record.id}-${actor.userId}-${attempt.requestedAt}`,
    actor,
    what: press.answer,
    rule,
    result: RESULT[state] ?? (press.answer === 'refuse' ? 'refused' : 'done'),
    verb: order.verb,
    ...subjectOf(order),
    // The reason for the press, which is not the one for the order.
    ...defined({ reason: press.reason, caseId: order.caseId }),
  };
}

/** What a press came to that settled a request otherwise than it said. */
const RESULT: Partial<Record<Approval['state'], AuditEntry['result']>> = { lapsed: 'expired', needless: 'already' };
