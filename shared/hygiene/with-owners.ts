import type { Digest } from '#shared/tokens/digest.ts';
import type { Services } from '#shared/tokens/services.ts';
import { withPeople } from '#shared/tokens/with-people.ts';

/** The digest with the owners of its tokens as people in Slack, where they are known. Never throws. */
export async function withOwners(services: Pick<Services, 'policy' | 'people'>, digest: Digest): Promise<Digest> {
  const known = await withPeople(
    services,
    digest.groups.flatMap(({ tokens }) => tokens),
  );
  let taken = 0;
  const groups = digest.groups.map((group) => {
    const tokens = known.slice(taken, taken + group.tokens.length);
    taken += group.tokens.length;
    return { ...group, tokens };
  });
  return { ...digest, groups };
}
