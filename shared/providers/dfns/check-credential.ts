import { defined } from '#shared/core/defined.ts';
import { isFault } from '#shared/core/fault.ts';
import { adviseOn, adviseOnExpiry, adviseOnSkew, readSkew } from '../kit/advise-on.ts';
import { readClaims } from './claims.ts';
import type { Checkup, ProviderDeps } from '../provider.ts';
import type { Credential } from './credential.ts';
import { type ClaimPat, readListing } from './read-listing.ts';
import type { Wire } from './wire.ts';

const SIGNED = 'deactivate, activate and delete them (with the signing key of this profile)';
const HINT = 'it has expired or was deactivated, or it belongs to another region than the base URL.';

interface CheckDeps {
  readonly wire: Wire;
  readonly deps: ProviderDeps;
  readonly credential: Credential;
  readonly claim: ClaimPat;
}

/**
 * Tries the credential: lists, and lets Dfns accept a signature for a change that would change nothing (activating what is
 * active) without ever making that change.
 */
export async function checkCredential({ wire, deps, credential, claim }: CheckDeps): Promise<Checkup> {
  const claims = readClaims(credential.authToken.expose());
  const { userId, organizationId } = credential;
  const about = {
    ...((userId !== undefined || organizationId !== undefined) && {
      identity: `user ${userId ?? '(unknown)'} of ${organizationId ?? '(unknown)'}`,
    }),
  };
  const cannot = ["see or change other users' tokens", 'tell when a token was last used or expires'];
  const advice: string[] = [];
  const can: string[] = [];
  try {
    const reply = await wire.read('/auth/pats', 'listing');
    const { tokens } = readListing(reply, deps, claim);
    can.push('list the tokens of its own user');
    const skew = readSkew(reply.headers, deps.now());
    const seen = { ...about, tokens: tokens.length, ...defined({ clockSkewSeconds: skew }) };
    const expiresAt = claims?.expiresAt === undefined ? undefined : new Date(claims.expiresAt * 1000);
    advice.push(...adviseOnExpiry(expiresAt, deps.now()), ...adviseOnSkew(skew));
    if (credential.credentialId === undefined)
      advice.push('Set credentialId, so that Patrol knows its own token for sure.');
    const active = tokens.filter(({ state }) => state === 'active');
    const harmless = active.find(({ own }) => own) ?? active[0];
    if (harmless === undefined) return { ...seen, works: true, can, cannot, advice };
    try {
      await wire.authorise({ method: 'PUT', path: `/auth/pats/${harmless.id}/activate`, body: '{}' });
      can.push(SIGNED);
      return { ...seen, works: true, can, cannot, advice };
    } catch (error) {
      if (!isFault(error)) throw error;
      advice.push(adviseOn(error, 'credentialId and privateKey must be those registered with this token.'));
      return { ...seen, works: false, can, cannot: [SIGNED, ...cannot], advice };
    }
  } catch (error) {
    if (!isFault(error)) throw error;
    return { ...about, works: false, can, cannot, advice: [...advice, adviseOn(error, HINT)] };
  }
}
