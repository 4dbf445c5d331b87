import type { Mutation, Token } from '#shared/core/vocabulary.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { protectedBy } from '#shared/policy/protected-by.ts';

/** Why a change of a token would not be made, as far as that is known before it is tried. */
export type Hindrance =
  /** Patrol itself works with it. */
  | { readonly kind: 'own' }
  /** `reason` is the policy's own text. */
  | { readonly kind: 'protected'; readonly reason: string }
  /** Its provider can only delete this kind of token. */
  | { readonly kind: 'only_deleted' }
  /** It has expired, and works no more. */
  | { readonly kind: 'expired' };

/** Tells what keeps a change from being made; `undefined` where nothing is known that would. */
export function hindranceOf(policy: Policy, verb: Mutation, token: Token): Hindrance | undefined {
  if (verb !== 'activate' && token.own) return { kind: 'own' };
  const reason = verb === 'activate' ? undefined : protectedBy(policy, token);
  if (reason !== undefined) return { kind: 'protected', reason };
  if (verb === 'delete') return undefined;
  if (token.kind === 'service-key') return { kind: 'only_deleted' };
  return token.state === 'expired' ? { kind: 'expired' } : undefined;
}
