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

/**
 * Makes a token of a PAT; `undefined` for one of another organisation. Throws `config_invalid` when the token that we work
 * with turns out to be another user's than the profile's `userId`.
 */
export function claimPat(pat: Pat, deps: ProviderDeps, credential: Credential): Token | undefined {
  const { organizationId, userId } = credential;
  const isForeign = organizationId !== undefined && pat.organizationId !== '' && pat.organizationId !== organizationId;
  if (isForeign) return undefined;
  const claims = readClaims(credential.authToken.expose()) ?? {};
  const own = isOwnPat(pat, { ...credential, claims });
  if (own && userId !== undefined && pat.userId !== '' && pat.userId !== userId) {
    throw new Fault('config_invalid', `profile ${deps.profile}: authToken belongs to another user than userId`);
  }
  const isOurUser = pat.userId !== '' && pat.userId === (userId ?? claims.userId);
  const userName = isOurUser ? readUserName(credential.authToken.expose()) : undefined;
  return toToken(pat, { profile: deps.profile, own, ...defined({ userName }) });
}

/** Reads the answer to a listing; a row that cannot be read is told, and hides no other. */
export function readListing(reply: HttpReply, deps: ProviderDeps, credential: Credential): Listing {
  const rows = readPats(reply.json);
  if (!rows) throw refusalOf(reply, `${deps.profile}: listing`);
  const tokens = rows.pats.map((pat) => claimPat(pat, deps, credential)).filter((token) => token !== undefined);
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
