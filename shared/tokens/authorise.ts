import { defined } from '#shared/core/defined.ts';
import type { Actor, Verb } from '#shared/core/vocabulary.ts';
import { may, profilesFor } from '#shared/policy/may.ts';
import type { Groups } from '#shared/policy/roles.ts';
import { isOurs, rolesOf } from '#shared/policy/roles.ts';
import type { Journal } from '#shared/store/store.ts';
import type { OutcomeOf } from './outcome.ts';
import type { Services } from './services.ts';

/** A yes of the rules, with the role that gave it. */
export interface Allowed {
  readonly kind: 'allowed';
  readonly role: string;
}

/** A no of the rules, with what a person needs to know of it. */
export type Denied = OutcomeOf<'denied'>;

/** What the rules say of one actor at this moment: group membership was looked up when it was made. */
export interface Authority {
  readonly actor: Actor;
  readonly groups: Groups;
  /** Roles that count where the actor asked. */
  readonly roles: readonly string[];
  /** Names the role that allows it, or says why not. */
  may(verb: Verb, profile?: string): Allowed | Denied;
  profilesFor(verb: Verb): readonly string[];
}

/**
 * Looks an actor's rights up. Called again for every command and every press; nothing is carried in buttons. `fresh` asks
 * Slack for the groups now instead of within the last minute: for everything that changes something. With a journal, a
 * replay for which Slack cannot tell the groups goes by what it told the first attempt, whose effect may be there already.
 */
export async function authorise(
  services: Services,
  actor: Actor,
  fresh: boolean | Journal = false,
): Promise<Authority> {
  const { policy } = services;
  const usesGroups = Object.values(policy.roles).some((role) => role.groups.length > 0);
  const told = usesGroups
    ? await services.groups.of(actor.userId, {
        fresh: fresh !== false,
        ...(isOurs(policy, actor) ? { teamId: actor.teamId } : {}),
      })
    : new Set<string>();
  const groups = usesGroups && typeof fresh === 'object' ? await noted(told, actor, fresh) : told;
  return {
    actor,
    groups,
    roles: rolesOf(policy, actor, groups).roles,
    may: (verb, profile) => {
      const permission = may({ policy, actor, groups, verb, profile });
      if (permission.allowed) return { kind: 'allowed', role: permission.role };
      const { why, roles } = permission;
      return { kind: 'denied', verb, why, roles, ...defined({ profile }) };
    },
    profilesFor: (verb) => profilesFor({ policy, actor, groups, verb }),
  };
}

async function noted(told: Groups, { userId }: Actor, journal: Journal): Promise<Groups> {
  const name = `groups:${userId}`;
  const before = journal.get<readonly string[]>(name);
  if (told === 'unavailable') return before === undefined ? told : new Set(before);
  if (before === undefined) await journal.put(name, [...told]);
  return told;
}

/** True for a refusal among the answers of `Authority.may` and the steps built on it. */
export function isDenied(answer: { readonly kind: string } | undefined): answer is Denied {
  return answer?.kind === 'denied';
}
