import { FAULTS } from '#shared/core/fault.ts';
import type { Mutation, Token } from '#shared/core/vocabulary.ts';
import { approvalFor } from '#shared/policy/approval-rule.ts';
import type { ApprovalRule } from '#shared/policy/policy.ts';
import { askOthers } from './ask-others.ts';
import { stableId } from './attempt.ts';
import { type Allowed, type Authority, type Denied, isDenied } from './authorise.ts';
import type { Context } from './context.ts';
import { fulfil } from './fulfil.ts';
import type { Outcome, OutcomeOf } from './outcome.ts';
import { isUnresolved, resolveTokens } from './resolve-token.ts';
import type { Services } from './services.ts';
import { reasonOf, type Wish } from './wish.ts';

/** How long a person may think before pressing their own confirmation. */
const CONFIRM_SECONDS = 15 * 60;

/**
 * Whether one token's change is put before the person once more: as the policy says for typed commands, always after a
 * press that a thumb can slip on, never after Slack's own confirm dialog. Several tokens are always previewed.
 */
export type Ask = 'policy' | 'always' | 'never';

interface Pending {
  readonly wish: Wish;
  readonly expiresAt: string;
}

/**
 * Takes a person's request to deactivate, activate or delete: names resolved without a guess, rights and caps checked,
 * then done at once, or put before the person as a confirmation. Nothing is done when one of several names is unclear.
 */
export async function requestChange(
  context: Context,
  command: {
    readonly verb: Mutation;
    readonly tokens: readonly string[];
    readonly reason?: string;
    readonly keepGoing: boolean;
    readonly ask?: Ask;
    readonly caseId?: string;
  },
): Promise<Outcome> {
  const { services, authority, attempt } = context;
  const { verb } = command;
  const allowed = authority.may(verb);
  if (isDenied(allowed)) return allowed;
  const limit = services.policy.limits.bulkMax;
  if (command.tokens.length > limit) return { kind: 'denied', verb, why: 'too_many', roles: [], limit };

  const answers = await resolveTokens(services, authority, { verb, asked: command.tokens });
  const unread = answers.flatMap((answer) => (answer.kind === 'unknown_token' ? answer.unread : []));
  const passing = unread.find(({ trouble }) => FAULTS[trouble.fault].queue === 'retry');
  if (passing !== undefined) {
    // The token may well be in the profile that cannot be read now: the request is kept and tried again.
    const trouble = { ...passing.trouble, next: 'retrying', attempt: attempt.journal.attempt } as const;
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
  return requestChangeOf(context, {
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
  context: Context,
  wanted: {
    readonly verb: Mutation;
    readonly tokens: readonly Token[];
    readonly keepGoing: boolean;
    readonly reason?: string;
    readonly caseId?: string;
    readonly ask?: Ask;
  },
): Promise<Outcome> {
  const { services, authority, attempt } = context;
  const { verb, tokens, keepGoing } = wanted;
  const wish: Wish = {
    verb,
    tokens: tokens.map(({ profile, id, name }) => ({ profile, id, name })),
    requester: authority.actor,
    requestedAt: attempt.requestedAt,
    keepGoing,
    ...reasonOf(wanted),
    ...(wanted.caseId === undefined ? {} : { caseId: wanted.caseId }),
  };
  if (!asksFirst(services, wanted)) return settleWish(context, wish);

  const pending = await stableId(attempt, 'pending', services.newId);
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
  context: Context,
  press: { readonly pending: string; readonly yes: boolean },
): Promise<{ readonly outcome: Outcome; readonly reason?: string }> {
  const { services, authority, attempt } = context;
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
  // Claimed under a name that a replay finds again: a crash right after the claim must not lose to itself.
  const claimant = await stableId(attempt, 'press', services.newId);
  const isFirst = await services.store.notes.claim(`pressed:${press.pending}`, CONFIRM_SECONDS * 4, claimant);
  if (!isFirst) return denied('settled');
  if (!press.yes) return { outcome: { kind: 'cancelled', verb: wish.verb, by: authority.actor } };
  return { outcome: await settleWish(context, wish), ...reasonOf(wish) };
}

/** Goes on with a confirmed wish: rights checked again, then done, or put before others where the policy asks for them. */
async function settleWish(context: Context, wish: Wish): Promise<Outcome> {
  const { services, authority } = context;
  const allowed = roleFor(authority, wish);
  if (isDenied(allowed)) return allowed;
  const rule = ruleFor(services, authority, wish);
  return rule === undefined
    ? fulfil(context, wish, { rule: `role:${allowed.role}`, approvedBy: [] })
    : askOthers(context, wish, rule);
}

/** The role that allows the wish on every profile it touches, or the first refusal. */
function roleFor(authority: Authority, wish: Wish): Allowed | Denied {
  const profiles = new Set(wish.tokens.map((token) => token.profile));
  const answers = [...profiles].map((profile) => authority.may(wish.verb, profile));
  return answers.find(isDenied) ?? answers.at(-1) ?? authority.may(wish.verb);
}

function ruleFor(services: Services, authority: Authority, wish: Wish): ApprovalRule | undefined {
  return approvalFor(services.policy, {
    verb: wish.verb,
    profiles: [...new Set(wish.tokens.map((token) => token.profile))],
    count: wish.tokens.length,
    requesterRoles: authority.roles,
  });
}

function pendingKey(id: string): string {
  return `pending:${id}`;
}
