import { defined } from '#shared/core/defined.ts';
import type { Actor, Verb } from '#shared/core/vocabulary.ts';
import { may, profilesFor } from '#shared/policy/may.ts';
import type { Groups } from '#shared/policy/roles.ts';
import { isOurs, rolesOf } from '#shared/policy/roles.ts';
import type { Journal, Write } from '#shared/store/store.ts';
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
  if (typeof fresh === 'object') {
    const { authority, note } = await authoriseNoting(services, actor, fresh);
    await note.put();
    return authority;
  }
  return authorityOf(services, actor, await groupsOf(services, actor, fresh));
}

/** What Slack told a first attempt of somebody's groups. */
export interface GroupsNote {
  /** Gives it as writes, for the first note of what is done by these rights; nothing where it is noted. */
  along(): readonly Write[];
  /** Notes it, unless it is noted. */
  put(): Promise<void>;
}

/** The same with a journal, where whoever asks sees to the note: it is to be made before any effect, or where nothing came of the attempt. */
export async function authoriseNoting(
  services: Services,
  actor: Actor,
  journal: Journal,
): Promise<{ readonly authority: Authority; readonly note: GroupsNote }> {
  const told = await groupsOf(services, actor, true);
  const name = `groups:${actor.userId}`;
  const before = journal.get<readonly string[]>(name);
  const groups = told === 'unavailable' && before !== undefined ? new Set(before) : told;
  const toNote = () =>
    told !== 'unavailable' && usesGroups(services) && journal.get(name) === undefined ? [...told] : undefined;
  const note: GroupsNote = {
    along: () => {
      const value = toNote();
      return value === undefined ? [] : [journal.writing(name, value)];
    },
    put: async () => {
      const value = toNote();
      if (value !== undefined) await journal.put(name, value);
    },
  };
  return { authority: authorityOf(services, actor, groups), note };
}

function usesGroups({ policy }: Services): boolean {
  return Object.values(policy.roles).some((role) => role.groups.length > 0);
}

async function groupsOf(services: Services, actor: Actor, fresh: boolean): Promise<Groups> {
  if (!usesGroups(services)) return new Set<string>();
  const { policy, groups } = services;
  return groups.of(actor.userId, { fresh, ...(isOurs(policy, actor) ? { teamId: actor.teamId } : {}) });
}

function authorityOf({ policy }: Services, actor: Actor, groups: Groups): Authority {
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

/** True for a refusal among the answers of `Authority.may` and the steps built on it. */
export function isDenied(answer: { readonly kind: string } | undefined): answer is Denied {
  return answer?.kind === 'denied';
}
