import { rightsOf } from '#shared/policy/rights.ts';
import type { Authority } from '../authorise.ts';
import type { OutcomeOf } from '../outcome.ts';
import type { Services } from '../services.ts';

/** How the rules see somebody here and now. */
export function describeActor({ policy }: Services, { actor, groups, roles }: Authority): OutcomeOf<'whoami'> {
  const approves = policy.approvals
    .filter((rule) => rule.by.some((role) => roles.includes(role)))
    .map((rule) => rule.name);
  return {
    kind: 'whoami',
    actor,
    roles,
    rights: rightsOf(policy, actor, groups),
    approves,
    ...(groups === 'unavailable' ? { problem: 'groups_unavailable' as const } : {}),
  };
}
