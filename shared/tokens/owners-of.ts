import type { Actor } from '#shared/core/vocabulary.ts';
import type { Services } from './services.ts';

/**
 * What a person in Slack, or `me`, is called at the providers: by the policy's `owners`, and by the person's e-mail address in
 * Slack, unless the policy says that it is somebody else's. `undefined` where nobody is meant. Throws Slack's faults that may pass:
 * a list without what it cannot tell would say that there are no such tokens.
 */
export async function ownersOf(
  { policy: { owners }, people }: Pick<Services, 'policy' | 'people'>,
  actor: Actor,
  person: string | undefined,
): Promise<readonly string[] | undefined> {
  if (person === undefined) return undefined;
  const userId = person === 'me' ? actor.userId : person;
  const email = await people.emailOf(userId);
  const isAnothers = Object.entries(owners).some(([name, user]) => name.toLowerCase() === email && user !== userId);
  const told = Object.entries(owners).flatMap(([name, user]) => (user === userId ? [name] : []));
  return [...new Set([...told, ...(email === undefined || isAnothers ? [] : [email])])];
}
