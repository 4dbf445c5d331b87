import type { Actor } from '#shared/core/vocabulary.ts';
import type { Policy } from '#shared/policy/policy.ts';

/** What a person in Slack, or `me`, is called at the providers, by the policy's `owners`; `undefined` where nobody is meant. */
export function ownersOf(
  { owners }: Pick<Policy, 'owners'>,
  actor: Actor,
  person: string | undefined,
): readonly string[] | undefined {
  if (person === undefined) return undefined;
  const userId = person === 'me' ? actor.userId : person;
  return Object.entries(owners).flatMap(([name, user]) => (user === userId ? [name] : []));
}
