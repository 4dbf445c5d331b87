import { defined } from '#shared/core/defined.ts';
import { Fault } from '#shared/core/fault.ts';
import type { HttpReply } from '#shared/core/http.ts';
import { refusalOf } from '../kit/refusal-of.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import { readClaims } from './claims.ts';
import type { Listing, ProviderDeps } from '../provider.ts';
import type { Credential } from './credential.ts';
import { isOwnPat } from './is-own-pat.ts';
import { type Pat, readPats, toToken } from './pat.ts';
import { readUserName } from './read-user-name.ts';

/** Makes a token of a PAT; `undefined` for one of another organisation. */
export type ClaimPat = (pat: Pat) => Token | undefined;

/**
 * Makes what claims PATs for one credential, which is read here, once, and not for each row of a listing. Claiming throws
 * `config_invalid` when the token that we work with turns out to be another user's than the profile's `userId`.
 */
export function createClaimPat({ profile }: Pick<ProviderDeps, 'profile'>, credential: Credential): ClaimPat {
  const { organizationId, userId, authToken } = credential;
  const claims = readClaims(authToken.expose()) ?? {};
  const self = { ...credential, claims };
  const ourUser = userId ?? claims.userId;
  const ourName = defined({ userName: readUserName(authToken.expose()) });
  return (pat) => {
    const isForeign =
      organizationId !== undefined && pat.organizationId !== '' && pat.organizationId !== organizationId;
    if (isForeign) return undefined;
    const own = isOwnPat(pat, self);
    if (own && userId !== undefined && pat.userId !== '' && pat.userId !== userId) {
      throw new Fault('config_invalid', `profile ${profile}: authToken belongs to another user than userId`);
    }
    const isOurUser = pat.userId !== '' && pat.userId === ourUser;
    return toToken(pat, { profile, own, ...(isOurUser && ourName) });
  };
}

/** Reads the answer to a listing; a row that cannot be read is told, and hides no other. */
export function readListing(reply: HttpReply, { profile }: Pick<ProviderDeps, 'profile'>, claim: ClaimPat): Listing {
  const rows = readPats(reply.json);
  if (!rows) throw refusalOf(reply, `${profile}: listing`);
  const tokens = rows.pats.map(claim).filter((token) => token !== undefined);
  const foreign = rows.pats.length - tokens.length;
  return {
    tokens,
    ...(rows.unreadable > 0 && { unreadable: rows.unreadable }),
    unseen: [
      'Dfns shows only the tokens of the user that this credential belongs to.',
      ...(foreign > 0 ? [`Left out: ${foreign} of another organisation.`] : []),
      ...(rows.unreadable > 0 ? [`Left out: ${rows.unreadable} that could not be read.`] : []),
    ],
  };
}
