import { FAULTS, isFault } from '#shared/core/fault.ts';
import type { Actor, Mutation, Token, Verb } from '#shared/core/vocabulary.ts';
import { approvalFor, mayBreakGlass, possibleApprovers } from '#shared/policy/approvals.ts';
import type { ApprovalRule } from '#shared/policy/rules.ts';
import type { Approval } from '#shared/store/store.ts';
import { type Authority, isDenied } from './authorise.ts';
import { changeMany, type NamedRef } from './bulk.ts';
import { auditEntry, changeToken } from './change.ts';
import type { Outcome, OutcomeOf } from './outcome.ts';
import { isUnresolved, resolveToken } from './resolve-token.ts';
import { type Desk, stableId } from './run.ts';
import type { Services } from './services.ts';
import { troubleOf } from './trouble.ts';

/** How long a person may think before pressing their own confirmation. */
const CONFIRM_SECONDS = 15 * 60;

/**
 * Whether one token's change is put before the person once more: as the policy says for typed commands, always after a
 * press that a thumb can slip on, never after Slack's own confirm dialog. Several tokens are always previewed.
 */
export type Ask = 'policy' | 'always' | 'never';

/** A change that a person asked for and has fully named. */
export interface Wish {
  readonly verb: Mutation;
  readonly tokens: readonly NamedRef[];
  readonly requester: Actor;
  readonly requestedAt: string;
  readonly keepGoing: boolean;
  readonly reason?: string;
  readonly caseId?: string;
}

interface Pending {
  readonly wish: Wish;
  readonly expiresAt: string;
}

/**
 * Takes a person's request to deactivate, activate or delete: names resolved without a guess, rights and caps checked,
 * then done at once, or put before the person as a confirmation. Nothing is done when one of several names is unclear.
 */
export async function requestChange(
  desk: Desk,
  command: {
    readonly verb: Mutation;
    readonly tokens: readonly string[];
    readonly reason?: string;
    readonly keepGoing: boolean;
    readonly ask?: Ask;
    readonly caseId?: string;
  },
): Promise<Outcome> {
  const { services, authority, run } = desk;
  const { verb } = command;
  const allowed = authority.may(verb);
  if ('kind' in allowed) return allowed;
  const limit = services.policy.limits.bulkMax;
  if (command.tokens.length > limit) return { kind: 'denied', verb, why: 'too_many', roles: [], limit };

  const answers = await Promise.all(command.tokens.map((asked) => resolveToken(services, authority, { verb, asked })));
  const unread = answers.flatMap((answer) => (answer.kind === 'unknown_token' ? answer.unread : []));
  const passing = unread.find(({ trouble }) => FAULTS[trouble.fault].queue === 'retry');
  if (passing !== undefined) {
    // The token may well be in the profile that cannot be read now: the request is kept and tried again.
    const trouble = { ...passing.trouble, next: 'retrying', attempt: run.journal.attempt } as const;
    return { kind: 'trouble', verb, trouble, asked: command.tokens };
  }
  const unclear = answers.find(isUnresolved);
  if (unclear !== undefined) {
    return unclear.kind === 'ambiguous' && command.reason !== undefined
      ? { ...unclear, reason: command.reason }
      : unclear;
  }
  const resolved = answers.flatMap((answer) => (answer.kind === 'resolved' ? [answer.token] : []));
  const tokens = [...new Map(resolved.map((token) => [`${token.profile}:${token.id}`, token])).values()];
  return requestChangeOf(desk, {
    verb,
    tokens,
    keepGoing: command.keepGoing,
    ...reasonOf(command),
    ...(command.ask === undefined ? {} : { ask: command.ask }),
    ...(command.caseId === undefined ? {} : { caseId: command.caseId }),
  });
}

/** The same for tokens that are known already (a row menu, a card, a clean-up button). */
export async function requestChangeOf(
  desk: Desk,
  wanted: {
    readonly verb: Mutation;
    readonly tokens: readonly Token[];
    readonly keepGoing: boolean;
    readonly reason?: string;
    readonly caseId?: string;
    readonly ask?: Ask;
  },
): Promise<Outcome> {
  const { services, authority, run } = desk;
  const { verb, tokens, keepGoing } = wanted;
  const wish: Wish = {
    verb,
    tokens: tokens.map(({ profile, id, name }) => ({ profile, id, name })),
    requester: authority.actor,
    requestedAt: run.requestedAt,
    keepGoing,
    ...reasonOf(wanted),
    ...(wanted.caseId === undefined ? {} : { caseId: wanted.caseId }),
  };
  if (!asksFirst(services, wanted)) return settleWish(desk, wish);

  const pending = await stableId(run, 'pending', services.newId);
  const expiresAt = new Date(services.now().getTime() + CONFIRM_SECONDS * 1000).toISOString();
  await services.store.notes.put(pendingKey(pending), { wish, expiresAt } satisfies Pending, CONFIRM_SECONDS);
  const rule = ruleFor(services, authority, wish);
  return {
    kind: 'confirm',
    verb,
    tokens,
    pending,
    requester: authority.actor,
    keepGoing,
    ...reasonOf(wanted),
    ...(rule === undefined ? {} : { approvers: { needed: rule.approvers, roles: rule.by } }),
    expiresAt,
  };
}

function asksFirst(
  { policy }: Services,
  { verb, tokens, ask = 'policy' }: { readonly verb: Mutation; readonly tokens: readonly Token[]; readonly ask?: Ask },
): boolean {
  if (tokens.length > 1) return true;
  if (verb === 'activate' || ask === 'never') return false;
  return ask === 'always' || policy.limits.confirm.includes(verb);
}

/**
 * Takes the requester's own yes or no to a confirmation, and gives back the reason typed with the request. Only the
 * requester is asked; the first press counts.
 */
export async function answerConfirmation(
  desk: Desk,
  press: { readonly pending: string; readonly yes: boolean },
): Promise<{ readonly outcome: Outcome; readonly reason?: string }> {
  const { services, authority, run } = desk;
  const pending = await services.store.notes.get<Pending>(pendingKey(press.pending));
  const denied = (why: OutcomeOf<'denied'>['why']): { readonly outcome: Outcome } => {
    return { outcome: { kind: 'denied', verb: pending?.wish.verb ?? 'delete', why, roles: [] } };
  };
  if (pending === undefined) return denied('lapsed');
  const { wish } = pending;
  if (wish.requester.userId !== authority.actor.userId || wish.requester.teamId !== authority.actor.teamId) {
    return denied('not_the_requester');
  }
  if (services.now().toISOString() > pending.expiresAt) return denied('lapsed');
  const isFirst =
    run.journal.get<boolean>('pressed') === true ||
    (await services.store.notes.claim(`pressed:${press.pending}`, CONFIRM_SECONDS * 4));
  if (!isFirst) return denied('settled');
  await run.journal.put('pressed', true);
  if (!press.yes) return { outcome: { kind: 'cancelled', verb: wish.verb, by: authority.actor } };
  return { outcome: await settleWish(desk, wish), ...reasonOf(wish) };
}

/** Goes on with a confirmed wish: rights checked again, then done, or put before others where the policy asks for them. */
async function settleWish(desk: Desk, wish: Wish): Promise<Outcome> {
  const { services, authority } = desk;
  const role = roleFor(authority, wish);
  if (isDenied(role)) return role;
  const rule = ruleFor(services, authority, wish);
  return rule === undefined
    ? fulfil(desk, wish, { rule: `role:${role}`, approvedBy: [] })
    : askOthers(desk, wish, rule);
}

/** The role that allows the wish on every profile it touches, or the first refusal. */
function roleFor(authority: Authority, wish: Wish): string | OutcomeOf<'denied'> {
  let role = '';
  for (const profile of new Set(wish.tokens.map((token) => token.profile))) {
    const allowed = authority.may(wish.verb, profile);
    if ('kind' in allowed) return allowed;
    role = allowed.role;
  }
  return role;
}

function ruleFor(services: Services, authority: Authority, wish: Wish): ApprovalRule | undefined {
  return approvalFor(services.policy, {
    verb: wish.verb,
    profiles: [...new Set(wish.tokens.map((token) => token.profile))],
    count: wish.tokens.length,
    requesterRoles: authority.roles,
  });
}

/** Does what was confirmed and approved. One token's retryable fault ends as `retrying`: the queue brings the job back. */
export async function fulfil(
  { services, run }: Pick<Desk, 'services' | 'run'>,
  wish: Wish,
  by: { readonly rule: string; readonly approvedBy: readonly Actor[] },
): Promise<Outcome> {
  const [first, ...others] = wish.tokens;
  if (first === undefined || others.length > 0) return changeMany(services, run, { ...wish, ...by });
  const request = {
    ref: { profile: first.profile, id: first.id },
    verb: wish.verb,
    by: wish.requester,
    journal: run.journal,
    rule: by.rule,
    requestedAt: run.requestedAt,
    approvedBy: by.approvedBy,
    ...reasonOf(wish),
    ...(wish.caseId === undefined ? {} : { caseId: wish.caseId }),
  };
  try {
    return await changeToken(services, request);
  } catch (error) {
    // Without a record nothing may be said: the whole job is tried again.
    if (!isFault(error) || isFault(error, 'store_unavailable') || isFault(error, 'delivery_in_progress')) throw error;
    const provider = services.providers.kindOf(first.profile);
    const of = { profile: first.profile, ...(provider === undefined ? {} : { provider }) };
    const trouble = troubleOf(error, {
      next: error.isRetryable ? 'retrying' : 'final',
      attempt: run.journal.attempt,
      ...of,
    });
    const change = { kind: 'failed', verb: wish.verb, ref: request.ref, name: first.name, trouble } as const;
    if (!error.isRetryable) await services.store.audit.append(auditEntry(services, request, change));
    return change;
  }
}

/** Opens a request that others have to agree to, or says at once that there are not enough others. */
export async function askOthers(
  { services, authority, run }: Desk,
  wish: Omit<Wish, 'verb'> & { readonly verb: Verb; readonly leverId?: string },
  rule: ApprovalRule,
): Promise<OutcomeOf<'approval' | 'no_approver'>> {
  const id = await stableId(run, 'approval', services.newId);
  const { record } = await services.store.approvals.open({
    id,
    state: 'open',
    requestedAt: run.requestedAt,
    expiresAt: new Date(Date.parse(run.requestedAt) + rule.expiresMinutes * 60_000).toISOString(),
    requester: wish.requester,
    verb: wish.verb,
    tokens: wish.tokens,
    needed: rule.approvers,
    rule: rule.name,
    approvedBy: [],
    options: { keepGoing: wish.keepGoing },
    ...reasonOf(wish),
    ...(wish.caseId === undefined ? {} : { caseId: wish.caseId }),
    ...(wish.leverId === undefined ? {} : { leverId: wish.leverId }),
  });
  const approvers = await approversOf(services, record);
  const breakGlass = mayBreakGlass({
    policy: services.policy,
    rule: rule.name,
    actor: authority.actor,
    groups: authority.groups,
  }).allowed;
  await services.store.audit.append({
    at: services.now().toISOString(),
    id: `request-${id}`,
    actor: wish.requester,
    what: 'request',
    verb: wish.verb,
    rule: rule.name,
    result: 'pending',
    ...(wish.tokens.length === 1 && wish.tokens[0] !== undefined
      ? { token: { profile: wish.tokens[0].profile, id: wish.tokens[0].id }, tokenName: wish.tokens[0].name }
      : { detail: `${wish.tokens.length} tokens` }),
    ...reasonOf(wish),
    ...(wish.caseId === undefined ? {} : { caseId: wish.caseId }),
  });
  if (approvers.length < rule.approvers) {
    return {
      kind: 'no_approver',
      approvalId: id,
      verb: wish.verb,
      rule: rule.name,
      roles: rule.by,
      mayBreakGlass: breakGlass,
    };
  }
  return { kind: 'approval', approval: record, approvers, mayBreakGlass: breakGlass };
}

/** The people who could agree to a request now. A group that Slack cannot tell adds nobody. */
export async function approversOf(services: Services, approval: Approval): Promise<readonly string[]> {
  const { policy } = services;
  const groupIds = new Set(Object.values(policy.roles).flatMap((role) => role.groups));
  const members = new Map(
    await Promise.all([...groupIds].map(async (id) => [id, await services.groups.members(id)] as const)),
  );
  return possibleApprovers({
    policy,
    rule: approval.rule,
    requester: approval.requester,
    groupMembers: (id: string) => members.get(id),
  }).filter((userId) => !approval.approvedBy.some(({ actor }) => actor.userId === userId));
}

function reasonOf({ reason }: { readonly reason?: string | undefined }): { readonly reason?: string } {
  return reason === undefined ? {} : { reason };
}

function pendingKey(id: string): string {
  return `pending:${id}`;
}
