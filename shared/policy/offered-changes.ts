import type { Mutation, Token, Verb } from '#shared/core/vocabulary.ts';
import { approvalFor } from './approval-rule.ts';
import type { Policy } from './policy.ts';
import { protectedBy } from './protected-by.ts';
import { rolesGranting } from './may.ts';

/** Which changes of a token somebody could still bring about: what the policy refuses to everybody is offered to nobody. */
export type OfferedChanges = Readonly<Record<Mutation, boolean>>;

/** True where some role may do it on a profile. */
export function isGranted(policy: Policy, verb: Verb, profile: string): boolean {
  return rolesGranting(policy, { verb, profile }).length > 0;
}

/**
 * Tells which changes of a token are worth a button. Patrol's own token and a protected one are never revoked; that two
 * people may lift the protection of a token whose leak is proved (`isProved`) needs a rule that says who.
 */
export function offeredChanges(policy: Policy, token: Token, isProved = false): OfferedChanges {
  const { profile, own } = token;
  const granted = (verb: Mutation) => isGranted(policy, verb, profile);
  const isProtected = protectedBy(policy, token) !== undefined;
  const lifting = { verb: 'lever', profiles: [profile], count: 1, requesterRoles: [] } as const;
  const canLift = isProved && approvalFor(policy, lifting) !== undefined;
  return {
    deactivate: !own && granted('deactivate') && (!isProtected || canLift),
    delete: !own && granted('delete') && !isProtected,
    activate: granted('activate'),
  };
}
