import type { Token } from '#shared/core/vocabulary.ts';
import type { Clue } from '../clue.ts';
import type { Candidate, Provider } from '../provider.ts';

/** Reads the token that a trusted sender named by its id, unless it was named for another provider or profile. */
export async function findNamed(
  clue: Extract<Clue, { form: 'named' }>,
  place: { provider: Provider['name']; profile: string; get: (id: string) => Promise<Token | undefined> },
): Promise<readonly Candidate[]> {
  if ((clue.provider ?? place.provider) !== place.provider) return [];
  if ((clue.profile ?? place.profile) !== place.profile) return [];
  const token = await place.get(clue.tokenId);
  return token ? [{ token, grade: 'exact', because: [{ kind: 'named' }] }] : [];
}
