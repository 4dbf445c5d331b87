import type { Token } from '#shared/core/vocabulary.ts';
import type { Services } from './services.ts';

/**
 * Names the profile that Patrol works with through this token, although it is seen through another one; `undefined` when
 * none does. A profile that cannot be opened says nothing, so that it hinders no kill.
 */
export async function worksThrough({ providers }: Services, token: Token): Promise<string | undefined> {
  const others = providers
    .names()
    .filter((name) => name !== token.profile && providers.kindOf(name) === token.provider);
  const opened = await Promise.allSettled(others.map((name) => providers.open(name)));
  return opened
    .flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    .find((provider) => provider.worksWith(token))?.profile;
}
