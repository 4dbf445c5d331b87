import { type Actor, VERBS, type Verb } from '#shared/core/vocabulary.ts';
import { type Groups, rolesOf } from './roles.ts';
import type { ApprovalRule, Policy, Role } from './policy.ts';
import { holds, isScopeWithin, type Scope } from './scope.ts';

/** One thing that somebody may do by one role. */
export interface Right {
  readonly verb: Verb;
  readonly profiles: Scope<string>;
  readonly channels: Scope<string>;
  readonly role: string;
  /** "needs 1 approval by approver, admin"; absent where the requester's own word is enough. */
  readonly approval?: string;
}

/** Lists what an actor may do anywhere, role by role and verb by verb, with the channels in which it counts. */
export function rightsOf(policy: Policy, actor: Actor, groups: Groups): Right[] {
  const { roles, elsewhere } = rolesOf(policy, actor, groups);
  const held = Object.entries(policy.roles).filter(([name]) => roles.includes(name) || elsewhere.includes(name));
  return held.flatMap(([name, role]) =>
    VERBS.flatMap((verb) => {
      const profiles = profilesGranted(role, verb);
      if (profiles.length === 0) return [];
      const countingToo = held
        .filter(([, other]) => isScopeWithin(role.channels, other.channels))
        .map(([other]) => other);
      const approval = approvalInWords(policy.approvals, { verb, profiles, roles: countingToo });
      return [{ verb, profiles, channels: role.channels, role: name, ...(approval && { approval }) }];
    }),
  );
}

function profilesGranted(role: Role, verb: Verb): Scope<string> {
  const grants = role.may.filter((grant) => holds(grant.verbs, verb));
  const profiles = grants.map((grant) => grant.profiles);
  return profiles.includes('*') ? '*' : [...new Set(profiles.flatMap((some) => some))];
}

interface Asked {
  readonly verb: Verb;
  readonly profiles: Scope<string>;
  readonly roles: readonly string[];
}

function approvalInWords(rules: readonly ApprovalRule[], { verb, profiles, roles }: Asked): string | undefined {
  const fitting = rules.filter(
    (rule) =>
      rule.verbs.includes(verb) &&
      (rule.profiles === '*' || profiles === '*' || rule.profiles.some((profile) => profiles.includes(profile))) &&
      !rule.except.some((role) => roles.includes(role)),
  );
  const last = fitting.findIndex((rule) => rule.fromTokens === 1 && isScopeWithin(profiles, rule.profiles));
  const reachable = last < 0 ? fitting : fitting.slice(0, last + 1);
  return reachable.length === 0 ? undefined : `needs ${reachable.map(needs).join('; ')}`;
}

function needs(rule: ApprovalRule): string {
  const people = `${rule.approvers} approval${rule.approvers === 1 ? '' : 's'} by ${rule.by.join(', ')}`;
  const size = rule.fromTokens === 1 ? '' : ` from ${rule.fromTokens} tokens on`;
  return people + size + (rule.profiles === '*' ? '' : ` on ${rule.profiles.join(', ')}`);
}
