import type { Actor } from '#shared/core/vocabulary.ts';
import type { Policy, Role } from './policy.ts';
import { holds } from './scope.ts';

/** The ids of the user groups that an actor is in now, or the word that Slack could not tell. */
export type Groups = ReadonlySet<string> | 'unavailable';

/** Somebody, with the groups they are in now, under a policy. */
export interface Who {
  readonly policy: Policy;
  readonly actor: Actor;
  readonly groups: Groups;
}

/** Which roles an actor has. */
export interface Roles {
  /** Names of the roles that count where the actor asked, in the policy's order. */
  readonly roles: readonly string[];
  /** Names of the roles that the actor has, but only in other channels. */
  readonly elsewhere: readonly string[];
  /** Names of the roles that the actor might have here, if Slack could tell the groups; they count as absent. */
  readonly undecided: readonly string[];
  /** True when at least one role is undecided. */
  readonly unavailable: boolean;
}

/** True when the actor belongs to a workspace or an enterprise of the policy. Everybody else may do nothing at all. */
export function isOurs(policy: Policy, actor: Actor): boolean {
  if (policy.teams.includes(actor.teamId)) return true;
  return actor.enterpriseId !== undefined && policy.enterprises.includes(actor.enterpriseId);
}

/** App Home has no channel, so only roles of every channel count there. */
function countsHere(role: Role, actor: Actor): boolean {
  return holds(role.channels, actor.channelId);
}

/** Finds the roles an actor has by user and by group. A failed group look-up gives no role; an outsider has none. */
export function rolesOf(policy: Policy, actor: Actor, groups: Groups): Roles {
  const found = { roles: [] as string[], elsewhere: [] as string[], undecided: [] as string[] };
  for (const [name, role] of isOurs(policy, actor) ? Object.entries(policy.roles) : []) {
    const has = hasRole(role, actor, groups);
    const here = countsHere(role, actor);
    if (has === 'undecided' && here) found.undecided.push(name);
    if (has === true) (here ? found.roles : found.elsewhere).push(name);
  }
  return { ...found, unavailable: found.undecided.length > 0 };
}

function hasRole(role: Role, actor: Actor, groups: Groups): boolean | 'undecided' {
  if (role.users.includes(actor.userId)) return true;
  if (role.groups.length === 0) return false;
  return groups === 'unavailable' ? 'undecided' : role.groups.some((group) => groups.has(group));
}
