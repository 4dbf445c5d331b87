import type { Mutation, Token } from '#shared/core/vocabulary.ts';
import { isReached } from '#shared/providers/is-reached.ts';
import { protectedBy } from '#shared/policy/protected-by.ts';
import type { Services } from './services.ts';
import { worksThrough } from './works-through.ts';

/** Why a change of a token would not be made, as far as that is known before it is tried. */
export type Hindrance =
  /** It is so already. */
  | { readonly kind: 'already' }
  /** Patrol itself works with it, in this profile. */
  | { readonly kind: 'own'; readonly profile: string }
  /** `reason` is the policy's own text. */
  | { readonly kind: 'protected'; readonly reason: string }
  /** Its provider can only delete this kind of token. */
  | { readonly kind: 'only_deleted' }
  /** It has expired, and works no more. */
  | { readonly kind: 'expired' };

/** A token, and why it would not be changed. */
export interface Hindered {
  readonly token: Token;
  readonly why: Hindrance;
}

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
  if (token.kind === 'service-key') return { kind: 'only_deleted' };
  return token.state === 'expired' ? { kind: 'expired' } : undefined;
}

/** Parts tokens that can be changed from those that cannot, in the order in which they came. */
export async function partHindered(
  services: Services,
  verb: Mutation,
  all: readonly Token[],
): Promise<{ readonly tokens: readonly Token[]; readonly hindered: readonly Hindered[] }> {
  const why = await Promise.all(all.map((token) => hindranceOf(services, verb, token)));
  const hindered = all.flatMap((token, index) => {
    const reason = why[index];
    return reason === undefined ? [] : [{ token, why: reason }];
  });
  return { tokens: all.filter((_, index) => why[index] === undefined), hindered };
}
