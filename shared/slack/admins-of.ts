import { allEnded } from '#shared/core/all-ended.ts';
import type { Policy } from '#shared/policy/policy.ts';
import type { Services } from '#shared/tokens/services.ts';

/** Whom Slack lets us tell at once; more than that is no news any more, but a flood. */
const MOST_TOLD = 20;

/**
 * The people who can put everything right: the members of roles that may do everything everywhere, or, where there is no
 * such role, of those that may deactivate. A group that Slack cannot tell adds nobody.
 */
export async function adminsOf({ policy, groups }: Pick<Services, 'policy' | 'groups'>): Promise<readonly string[]> {
  const all = rolesThat(policy, ({ verbs, profiles }) => verbs === '*' && profiles === '*');
  const roles = all.length > 0 ? all : rolesThat(policy, ({ verbs }) => verbs === '*' || verbs.includes('deactivate'));
  const members = await allEnded(roles.flatMap((role) => role.groups.map((group) => groups.members(group))));
  const people = [...roles.flatMap(({ users }) => users), ...members.flatMap((users) => users ?? [])];
  return [...new Set(people)].slice(0, MOST_TOLD);
}

type Grant = Policy['roles'][string]['may'][number];

function rolesThat(policy: Policy, gives: (grant: Grant) => boolean) {
  return Object.values(policy.roles).filter((role) => role.may.some(gives));
}
