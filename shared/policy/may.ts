import type { Verb } from '#shared/core/vocabulary.ts';
import { isOurs, type Roles, rolesOf, type Who } from './roles.ts';
import type { Policy, Role } from './policy.ts';
import { holds } from './scope.ts';

/** What is to be done, and on which profile. */
export interface Action {
  readonly verb: Verb;
  readonly profile?: string | undefined;
}

/** Whether somebody may do something; a yes names the role that gives it, a no names the roles that would. */
export type Permission =
  | { readonly allowed: true; readonly role: string }
  | {
      readonly allowed: false;
      readonly why: 'other_workspace' | 'no_role' | 'wrong_channel' | 'groups_unavailable';
      /** Who may, so that the person knows whom to ask; strangers are told nothing. */
      readonly roles: readonly string[];
    };

/**
 * Decides whether an actor may do a verb on a profile, here and now; the workspace is looked at first. Without a profile
 * a right on any profile is enough. A profile that the policy does not know is nobody's.
 */
export function may({ policy, actor, groups, verb, profile }: Who & Action): Permission {
  if (!isOurs(policy, actor)) return { allowed: false, why: 'other_workspace', roles: [] };

  const granting = rolesGranting(policy, { verb, profile });
  const held = rolesOf(policy, actor, groups);
  const role = granting.find((name) => held.roles.includes(name));
  if (role !== undefined) return { allowed: true, role };
  return { allowed: false, why: whyNot(granting, held), roles: granting };
}

/** Names the policy's profiles on which an actor may do a verb, in the policy's order. */
export function profilesFor({ verb, ...who }: Who & { readonly verb: Verb }): string[] {
  return Object.keys(who.policy.profiles).filter((profile) => may({ ...who, verb, profile }).allowed);
}

/** Names the roles that give a right to a verb, on a profile or on any, in the policy's order. */
export function rolesGranting(policy: Policy, { verb, profile }: Action): string[] {
  if (profile !== undefined && !Object.hasOwn(policy.profiles, profile)) return [];
  const gives = (role: Role) =>
    role.may.some((grant) => holds(grant.verbs, verb) && (profile === undefined || holds(grant.profiles, profile)));
  return Object.entries(policy.roles).flatMap(([name, role]) => (gives(role) ? [name] : []));
}

function whyNot(granting: readonly string[], held: Roles) {
  // What a working look-up could turn into a yes is said first: going to another channel might not be the cure.
  if (granting.some((name) => held.undecided.includes(name))) return 'groups_unavailable';
  return granting.some((name) => held.elsewhere.includes(name)) ? 'wrong_channel' : 'no_role';
}
