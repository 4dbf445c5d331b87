import { fitsGlob } from '#shared/core/fits-glob.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import type { Policy } from './policy.ts';

/** What of a token the policy's protection looks at. */
export interface Protectable {
  readonly profile: string;
  readonly id: string;
  readonly name: string;
  readonly owner?: Token['owner'];
}

/**
 * Gives the policy's reason why a token must not be revoked, or `undefined`. An entry protects by id, through whichever
 * profile the token is seen, or else in its profile by owner, by name, or by both where it has both; without regard to case.
 * A name is a glob whose `*` matches anything, or the very text.
 */
export function protectedBy(policy: Policy, token: Protectable): string | undefined {
  return policy.protected.find((entry) => isMeant(entry, token))?.reason;
}

function isMeant({ profile, id, owner, name }: Policy['protected'][number], token: Protectable): boolean {
  if (id !== undefined && isSame(id, token.id)) return true;
  if (owner === undefined && name === undefined) return false;
  return (
    (profile === '*' || profile === token.profile) &&
    (owner === undefined || isOwnedBy(token, owner)) &&
    (name === undefined || fitsGlob(name, token.name))
  );
}

/** By what the provider tells; what Slack calls somebody protects nothing. */
function isOwnedBy({ owner }: Protectable, wanted: string): boolean {
  return [owner?.id, owner?.name].some((known) => known !== undefined && isSame(wanted, known));
}

function isSame(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
