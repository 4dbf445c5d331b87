import type { Actor, Verb } from '#shared/core/vocabulary.ts';
import { type Groups, isOurs, rolesOf, type Who } from './roles.ts';
import type { ApprovalRule, Policy } from './policy.ts';
import { holds } from './scope.ts';

/** What is asked for, as far as an approval rule looks at it. */
export interface ApprovalRequest {
  readonly verb: Verb;
  /** Profiles of all the tokens. */
  readonly profiles: readonly string[];
  /** How many tokens, over all profiles. */
  readonly count: number;
  /** `rolesOf(…).roles` of whoever asks: the roles that count where they ask. */
  readonly requesterRoles: readonly string[];
}

/** Whether somebody may agree to a request, or break the glass; a yes names the role, a no the roles that may. */
export type Consent =
  | { readonly allowed: true; readonly role: string }
  | {
      readonly allowed: false;
      readonly why: 'own_request' | 'not_an_approver' | 'other_workspace' | 'groups_unavailable' | 'wrong_channel';
      readonly roles: readonly string[];
    };

interface Agreeing {
  readonly policy: Policy;
  /** Name as given by `approvalFor`. */
  readonly rule: string;
  readonly approver: Actor;
  /** The approver's groups. */
  readonly groups: Groups;
  readonly requester: Actor;
}

interface Asking {
  readonly policy: Policy;
  /** Name as given by `approvalFor`. */
  readonly rule: string;
  readonly requester: Actor;
  readonly groupMembers: (groupId: string) => readonly string[] | undefined;
}

/** Joins the names of rules that count together. No rule's own name can hold it. */
const AND = '+';

/**
 * Finds the approval rule for a request: for each profile the first that fits, `undefined` where none does. A rule that
 * excepts one of the requester's roles does not fit, and the next is tried. Where the profiles' rules differ the answer
 * is all of them at once (`a+b`): as many approvers as the strictest wants, each accepted by every one of them, so that
 * mixing tokens never makes a request easier.
 */
export function approvalFor(policy: Policy, request: ApprovalRequest): ApprovalRule | undefined {
  const fits = (rule: ApprovalRule, profile: string) =>
    rule.verbs.includes(request.verb) &&
    holds(rule.profiles, profile) &&
    request.count >= rule.fromTokens &&
    !rule.except.some((role) => request.requesterRoles.includes(role));
  // Without a profile nothing can be excluded, so every profile's rule counts.
  const profiles = request.profiles.length > 0 ? request.profiles : Object.keys(policy.profiles);
  const found = profiles.map((profile) => policy.approvals.find((rule) => fits(rule, profile)));
  return combine(policy.approvals.filter((rule) => found.includes(rule)));
}

/** Finds an approval rule by the name that `approvalFor` gave, also a combined one; `undefined` when the policy has changed. */
export function approvalRule(policy: Policy, name: string): ApprovalRule | undefined {
  const parts = name.split(AND).map((part) => policy.approvals.find((rule) => rule.name === part));
  return parts.every((part) => part !== undefined) ? combine(parts) : undefined;
}

/** Decides whether an approver may agree to a requester's request under a rule; nobody agrees to their own. */
export function mayApprove({ policy, rule, approver, groups, requester }: Agreeing): Consent {
  const by = approvalRule(policy, rule)?.by ?? [];
  // Whatever workspace they come from; two ids of one person are compared before (`comparePerson`).
  if (isOurs(policy, approver) && approver.userId === requester.userId) {
    return { allowed: false, why: 'own_request', roles: by };
  }
  return consent({ policy, actor: approver, groups }, by);
}

/** Decides whether an actor may go ahead alone under a rule. The right to the verb itself is asked for separately. */
export function mayBreakGlass({ rule, ...who }: Who & { readonly rule: string }): Consent {
  return consent(who, approvalRule(who.policy, rule)?.breakGlass ?? []);
}

/**
 * Lists the user ids that could agree to a requester's request, so that "no approver exists" can be said at once. A group
 * whose members are unknown (`undefined`) adds nobody.
 */
export function possibleApprovers({ policy, rule, requester, groupMembers }: Asking): string[] {
  const roles = (approvalRule(policy, rule)?.by ?? []).flatMap((name) => policy.roles[name] ?? []);
  const people = roles.flatMap((role) => [...role.users, ...role.groups.flatMap((group) => groupMembers(group) ?? [])]);
  return [...new Set(people)].filter((userId) => userId !== requester.userId);
}

function consent({ policy, actor, groups }: Who, roles: readonly string[]): Consent {
  if (!isOurs(policy, actor)) return { allowed: false, why: 'other_workspace', roles: [] };
  const held = rolesOf(policy, actor, groups);
  const role = roles.find((name) => held.roles.includes(name));
  if (role !== undefined) return { allowed: true, role };
  if (roles.some((name) => held.undecided.includes(name))) return { allowed: false, why: 'groups_unavailable', roles };
  if (roles.some((name) => held.elsewhere.includes(name))) return { allowed: false, why: 'wrong_channel', roles };
  return { allowed: false, why: 'not_an_approver', roles };
}

function combine(rules: readonly ApprovalRule[]): ApprovalRule | undefined {
  const [first, ...others] = rules;
  return first && others.reduce(both, first);
}

function both(left: ApprovalRule, right: ApprovalRule): ApprovalRule {
  const shared = (lefts: readonly string[], rights: readonly string[]) => lefts.filter((item) => rights.includes(item));
  return {
    name: `${left.name}${AND}${right.name}`,
    verbs: left.verbs.filter((verb) => right.verbs.includes(verb)),
    profiles:
      left.profiles === '*' || right.profiles === '*' ? '*' : [...new Set([...left.profiles, ...right.profiles])],
    fromTokens: Math.max(left.fromTokens, right.fromTokens),
    approvers: Math.max(left.approvers, right.approvers),
    by: shared(left.by, right.by),
    except: shared(left.except, right.except),
    expiresMinutes: Math.min(left.expiresMinutes, right.expiresMinutes),
    breakGlass: shared(left.breakGlass, right.breakGlass),
  };
}
