import { allEnded } from '#shared/core/all-ended.ts';
import { approvalRule, mayApprove } from '#shared/policy/approval-rule.ts';
import type { Approval } from '#shared/store/store.ts';
import { authorise } from './authorise.ts';
import type { Services } from './services.ts';

/**
 * Looks an open request over as the policy and the groups are now: it needs as many people as the policy has come to ask
 * for, never fewer, and a yes no longer counts when whoever gave it could not give it now. The look-ups are done when it
 * resolves; the function that it gives is pure.
 */
export async function reviewVotes(services: Services, stored: Approval): Promise<(record: Approval) => Approval> {
  const { policy } = services;
  const { rule, order } = stored;
  const votes = await allEnded(
    stored.approvedBy.map(async ({ actor }) => {
      const { groups } = await authorise(services, actor, true);
      const consent = mayApprove({ policy, rule, approver: actor, groups, requester: order.requester });
      return { userId: actor.userId, counts: consent.allowed };
    }),
  );
  const lost = new Set(votes.filter(({ counts }) => !counts).map(({ userId }) => userId));
  const wanted = approvalRule(policy, rule)?.approvers ?? 0;
  return (record) => ({
    ...record,
    needed: Math.max(record.needed, wanted),
    approvedBy: record.approvedBy.filter(({ actor }) => !lost.has(actor.userId)),
  });
}
