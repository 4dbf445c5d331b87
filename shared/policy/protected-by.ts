import { fitsGlob } from '#shared/core/glob.ts';
import type { Policy } from './policy.ts';

/** What of a token the policy's protection looks at. */
export interface Protectable {
  readonly profile: string;
  readonly id: string;
  readonly name: string;
}

/**
 * Gives the policy's reason why a token must never be revoked, or `undefined`. An entry protects by id or by name (either
 * is enough), without regard to case. An id is one token, through whichever profile it is seen; a name counts in the
 * entry's profile, and is a glob whose `*` matches anything, or the very text.
 */
export function protectedBy(policy: Policy, token: Protectable): string | undefined {
  const entry = policy.protected.find(
    ({ profile, id, name }) =>
      (id !== undefined && id.toLowerCase() === token.id.toLowerCase()) ||
      (name !== undefined && (profile === '*' || profile === token.profile) && fitsGlob(name, token.name)),
  );
  return entry?.reason;
}
