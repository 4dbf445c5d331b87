import type { Verb } from '#shared/core/vocabulary.ts';
import { mayBreakGlass, possibleApprovers } from '#shared/policy/approval-rule.ts';
import type { ApprovalRule } from '#shared/policy/policy.ts';
import type { Approval } from '#shared/store/store.ts';
import { stableId } from './attempt.ts';
import type { Context } from './context.ts';
import type { OutcomeOf } from './outcome.ts';
import type { Services } from './services.ts';
import { reasonOf, type Wish } from './wish.ts';

/** Opens a request that others have to agree to, or says at once that there are not enough others. */
export async function askOthers(
  { services, authority, attempt }: Context,
  wish: Omit<Wish, 'verb'> & { readonly verb: Verb; readonly leverId?: string },
  rule: ApprovalRule,
): Promise<OutcomeOf<'approval' | 'no_approver'>> {
  const id = await stableId(attempt, 'approval', services.newId);
  const { record } = await services.store.approvals.open({
    id,
    state: 'open',
    requestedAt: attempt.requestedAt,
    expiresAt: new Date(Date.parse(attempt.requestedAt) + rule.expiresMinutes * 60_000).toISOString(),
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
