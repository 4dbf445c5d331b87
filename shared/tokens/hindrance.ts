import type { Token } from '#shared/core/vocabulary.ts';

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
