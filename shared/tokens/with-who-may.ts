import { allEnded } from '#shared/core/all-ended.ts';
import type { DenialReason } from '#shared/core/vocabulary.ts';
import type { Outcome } from './outcome.ts';
import type { Services } from './services.ts';

/** Refusals that somebody else can help with. */
const HELPED: ReadonlySet<DenialReason> = new Set([
  'no_role',
  'own_request',
  'maybe_same',
  'not_an_approver',
  'not_the_owner',
]);

/** As many as one would ask. */
const MOST = 10;

/**
 * A refusal with the people who may what was refused: the members of its roles, without whoever was refused. A group that Slack
 * cannot tell adds nobody. Every other outcome stays as it is. Never throws.
 */
export async function withWhoMay(
  { policy, groups }: Pick<Services, 'policy' | 'groups'>,
  outcome: Outcome,
  asked: string,
): Promise<Outcome> {
  if (outcome.kind !== 'denied' || !HELPED.has(outcome.why) || outcome.roles.length === 0) return outcome;
  const roles = outcome.roles.flatMap((name) => policy.roles[name] ?? []);
  const members = await allEnded(roles.flatMap((role) => role.groups.map((group) => groups.members(group))));
  const all = [...roles.flatMap(({ users }) => users), ...members.flatMap((users) => users ?? [])];
  const people = [...new Set(all)].filter((userId) => userId !== asked).slice(0, MOST);
  return people.length === 0 ? outcome : { ...outcome, people };
}
