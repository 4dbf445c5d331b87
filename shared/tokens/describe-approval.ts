import { mayBreakGlass, possibleApprovers } from '#shared/policy/approval-rule.ts';
import { isOurs } from '#shared/policy/roles.ts';
import type { Approval } from '#shared/store/store.ts';
import { authorise } from './authorise.ts';
import type { OutcomeOf } from './outcome.ts';
import type { Services } from './services.ts';

/** A request as it stands, with whoever could agree to it now and whether its requester may go ahead alone. */
export async function describeApproval(services: Services, approval: Approval): Promise<OutcomeOf<'approval'>> {
  if (approval.state !== 'open') return { kind: 'approval', approval, approvers: [], mayBreakGlass: false };
  const [approvers, glass] = await Promise.all([
    approversOf(services, approval),
    requesterMayBreakGlass(services, approval),
  ]);
  return { kind: 'approval', approval, approvers, mayBreakGlass: glass };
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

async function requesterMayBreakGlass(services: Services, { rule, order: { requester } }: Approval): Promise<boolean> {
  const { groups } = await authorise(services, requester);
  return mayBreakGlass({ policy: services.policy, rule, actor: requester, groups }).allowed;
}
