import type { Token } from '#shared/core/vocabulary.ts';
import type { Services } from './services.ts';

/**
 * Names the profile that Patrol works with through this token, whichever one it is seen through; `undefined` when none does.
 * Its own is asked as well: what that was listed with may have been replaced since. A profile that cannot be opened says
 * nothing, so that it hinders no kill.
 */
export async function worksThrough({ providers }: Services, token: Token): Promise<string | undefined> {
  const names = providers.names().filter((name) => providers.kindOf(name) === token.provider);
  const asked = await Promise.allSettled(names.map((name) => providers.worksWith(name, token)));
  return names.find((_, index) => {
    const told = asked[index];
    return told?.status === 'fulfilled' && told.value;
  });
}
