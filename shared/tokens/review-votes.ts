import { allEnded } from '#shared/core/all-ended.ts';
import { approvalRule, mayApprove } from '#shared/policy/approval-rule.ts';
import type { Approval } from '#shared/store/store.ts';
import { authorise } from './authorise.ts';
import type { Services } from './services.ts';

/** A request looked over, and whether Slack did not tell of a yes if it could be given now. */
export interface Review {
  readonly look: (record: Approval) => Approval;
  readonly isUntold: boolean;
}

/**
 * Looks an open request over as the policy and the groups are now: it needs as many people as the policy has come to ask
 * for, never fewer, and a yes no longer counts when whoever gave it could not give it now. One of which Slack does not tell
 * stays. The look-ups are done when it resolves; `look` is pure.
 */
export async function reviewVotes(services: Services, stored: Approval): Promise<Review> {
  const { policy } = services;
  const { rule, order } = stored;
  const votes = await allEnded(
    stored.approvedBy.map(async ({ actor }) => {
      const { groups } = await authorise(services, actor, true);
      const consent = mayApprove({ policy, rule, approver: actor, groups, requester: order.requester });
      const isUntold = !consent.allowed && consent.why === 'groups_unavailable';
      return { userId: actor.userId, isUntold, isLost: !consent.allowed && !isUntold };
    }),
  );
  const lost = new Set(votes.filter(({ isLost }) => isLost).map(({ userId }) => userId));
  const wanted = approvalRule(policy, rule)?.approvers ?? 0;
  return {
    isUntold: votes.some(({ isUntold }) => isUntold),
    look: (record) => ({
      ...record,
      needed: Math.max(record.needed, wanted),
      approvedBy: record.approvedBy.filter(({ actor }) => !lost.has(actor.userId)),
    }),
  };
}
