import { allEnded } from '#shared/core/all-ended.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import type { Services } from './services.ts';

/**
 * Finds the Slack user of a token's owner: whom the policy names for the id, name or e-mail that the provider tells, else who
 * has that e-mail address in Slack. `undefined` where nobody is known. Throws Slack's faults that may pass: who it is is not known then.
 */
export async function ownerOf(
  { policy: { owners }, people }: Pick<Services, 'policy' | 'people'>,
  token: Pick<Token, 'owner'> | undefined,
): Promise<string | undefined> {
  const names = [token?.owner?.id, token?.owner?.name].filter((name) => name !== undefined);
  const known = names.find((name) => Object.hasOwn(owners, name));
  if (known !== undefined) return owners[known];
  const found = await allEnded(names.map((name) => people.byEmail(name)));
  return found.find((userId) => userId !== undefined);
}
