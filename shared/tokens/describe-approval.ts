import { allEnded } from '#shared/core/all-ended.ts';
import { approvalRule, mayBreakGlass, possibleApprovers } from '#shared/policy/approval-rule.ts';
import { isOurs } from '#shared/policy/roles.ts';
import type { Approval } from '#shared/store/store.ts';
import { authorise } from './authorise.ts';
import type { OutcomeOf } from './outcome.ts';
import type { Services } from './services.ts';

/** A request as it stands, with whoever could agree to it now and whether its requester may go ahead alone. */
export async function describeApproval(services: Services, approval: Approval): Promise<OutcomeOf<'approval'>> {
  if (approval.state !== 'open') return { kind: 'approval', approval, approvers: [], mayBreakGlass: false };
  const [approvers, glass] = await allEnded([
    approversOf(services, approval),
    requesterMayBreakGlass(services, approval),
  ]);
  return { kind: 'approval', approval, approvers, mayBreakGlass: glass };
}

/** The people who could agree to a request now. A group that Slack cannot tell adds nobody. */
async function approversOf(
  { policy, groups }: Services,
  { rule, order, approvedBy }: Pick<Approval, 'rule' | 'order' | 'approvedBy'>,
): Promise<readonly string[]> {
  const teamId = teamOf(policy, order);
  const groupIds = new Set(Object.values(policy.roles).flatMap((role) => role.groups));
  const members = new Map(
    await allEnded([...groupIds].map(async (id) => [id, await groups.members(id, teamId)] as const)),
  );
  const possible = possibleApprovers({
    policy,
    rule,
    requester: order.requester,
    groupMembers: (id) => members.get(id),
  });
  return possible.filter((userId) => !approvedBy.some(({ actor }) => actor.userId === userId));
}

/** What would become of an order that others have to agree to, if it were asked for now: who could, and whether its requester may go ahead alone. */
export async function agreeable(
  services: Services,
  asked: Pick<Approval, 'rule' | 'order'>,
): Promise<{ readonly could: number; readonly unread: boolean; readonly mayBreakGlass: boolean }> {
  const [approvers, unread, glass] = await allEnded([
    approversOf(services, { ...asked, approvedBy: [] }),
    hasUnreadGroup(services, asked),
    requesterMayBreakGlass(services, asked),
  ]);
  return { could: approvers.length, unread, mayBreakGlass: glass };
}

/** True where Slack does not tell who is in a user group that could agree to a request: there may be more who could. */
export async function hasUnreadGroup(
  { policy, groups }: Services,
  { rule, order }: Pick<Approval, 'rule' | 'order'>,
): Promise<boolean> {
  const roles = approvalRule(policy, rule)?.by ?? [];
  const ids = new Set(roles.flatMap((role) => policy.roles[role]?.groups ?? []));
  const members = await allEnded([...ids].map((id) => groups.members(id, teamOf(policy, order))));
  return members.includes(undefined);
}

/** Groups are asked for as for the requester, whose own were just read anew. */
function teamOf(policy: Services['policy'], { requester }: Approval['order']): string | undefined {
  return isOurs(policy, requester) ? requester.teamId : undefined;
}

async function requesterMayBreakGlass(
  services: Services,
  { rule, order: { requester } }: Pick<Approval, 'rule' | 'order'>,
): Promise<boolean> {
  const { groups } = await authorise(services, requester);
  return mayBreakGlass({ policy: services.policy, rule, actor: requester, groups }).allowed;
}
