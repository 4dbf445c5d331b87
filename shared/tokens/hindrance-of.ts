import { allEnded } from '#shared/core/all-ended.ts';
import type { Mutation, Token } from '#shared/core/vocabulary.ts';
import { isReached } from '#shared/providers/is-reached.ts';
import { protectedBy } from '#shared/policy/protected-by.ts';
import { isDeleteOnly } from '#shared/providers/tells.ts';
import type { Hindered, Hindrance } from './hindrance.ts';
import type { Services } from './services.ts';
import { worksThrough } from './works-through.ts';

/**
 * Tells what keeps a change from being made, by the rules by which it would be refused or come to nothing once it is agreed
 * to; `undefined` where nothing is known that would.
 */
export async function hindranceOf(services: Services, verb: Mutation, token: Token): Promise<Hindrance | undefined> {
  if (isReached(verb, token)) return { kind: 'already' };
  if (verb !== 'activate') {
    const profile = token.own ? token.profile : await worksThrough(services, token);
    if (profile !== undefined) return { kind: 'own', profile };
    const reason = protectedBy(services.policy, token);
    if (reason !== undefined) return { kind: 'protected', reason };
  }
  if (verb === 'delete') return undefined;
  if (isDeleteOnly(token)) return { kind: 'only_deleted' };
  const hasExpired = token.state === 'expired' || (verb === 'activate' && isPast(token.expiresAt, services.now()));
  return hasExpired ? { kind: 'expired' } : undefined;
}

function isPast(iso: string | undefined, now: Date): boolean {
  return iso !== undefined && Date.parse(iso) <= now.getTime();
}

/** Parts tokens that can be changed from those that cannot, in the order in which they came. */
export async function partHindered(
  services: Services,
  verb: Mutation,
  all: readonly Token[],
): Promise<{ readonly tokens: readonly Token[]; readonly hindered: readonly Hindered[] }> {
  const why = await allEnded(all.map((token) => hindranceOf(services, verb, token)));
  const hindered = all.flatMap((token, index) => {
    const reason = why[index];
    return reason === undefined ? [] : [{ token, why: reason }];
  });
  return { tokens: all.filter((_, index) => why[index] === undefined), hindered };
}
