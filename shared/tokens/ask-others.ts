import type { Order } from '#shared/core/vocabulary.ts';
import { mayBreakGlass, possibleApprovers } from '#shared/policy/approval-rule.ts';
import type { ApprovalRule } from '#shared/policy/policy.ts';
import { isOurs } from '#shared/policy/roles.ts';
import type { Approval } from '#shared/store/store.ts';
import { stableId } from './attempt.ts';
import type { Context } from './context.ts';
import { recordOf, subjectOf } from './warrant.ts';
import type { OutcomeOf } from './outcome.ts';
import type { Services } from './services.ts';

/** Opens a request that others have to agree to, or says at once that there are not enough others. */
export async function askOthers(
  { services, authority, attempt }: Context,
  order: Order,
  rule: ApprovalRule,
): Promise<OutcomeOf<'approval' | 'no_approver'>> {
  const id = await stableId(attempt, 'approval', services.newId);
  const { record } = await services.store.approvals.open({
    id,
    state: 'open',
    order,
    expiresAt: new Date(Date.parse(attempt.requestedAt) + rule.expiresMinutes * 60_000).toISOString(),
    needed: rule.approvers,
    rule: rule.name,
    approvedBy: [],
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
    actor: order.requester,
    what: 'request',
    rule: rule.name,
    result: 'pending',
    ...recordOf(order),
    ...subjectOf(order),
  });
  if (approvers.length >= rule.approvers) {
    return { kind: 'approval', approval: record, approvers, mayBreakGlass: breakGlass };
  }
  const { name, by: roles } = rule;
  return { kind: 'no_approver', approvalId: id, verb: order.verb, rule: name, roles, mayBreakGlass: breakGlass };
}

/** The people who could agree to a request now. A group that Slack cannot tell adds nobody. */
export async function approversOf(
  { policy, groups }: Services,
  { rule, order, approvedBy }: Approval,
): Promise<readonly string[]> {
  const { requester } = order;
  // Asked as for the requester, whose groups were just read anew.
  const teamId = isOurs(policy, requester) ? requester.teamId : undefined;
  const groupIds = new Set(Object.values(policy.roles).flatMap((role) => role.groups));
  const members = new Map(
    await Promise.all([...groupIds].map(async (id) => [id, await groups.members(id, teamId)] as const)),
  );
  const possible = possibleApprovers({
    policy,
    rule,
    requester: order.requester,
    groupMembers: (id) => members.get(id),
  });
  return possible.filter((userId) => !approvedBy.some(({ actor }) => actor.userId === userId));
}
