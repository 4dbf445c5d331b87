import * as s from '#shared/core/schema.ts';
import { namedAmong, type ValidityCheck } from '../validity-check.ts';
import { readClaims } from './claims.ts';
import { isIssuedAt } from './grade-tokens.ts';
import { TOKEN_ID } from './token-id.ts';

const row = s.object({ tokenId: s.matching(TOKEN_ID), dateCreated: s.optional(s.unknown) });
const listing = s.object({ items: s.array(row) });

/** Dfns lists a user's own tokens to whoever shows one of them; reading needs no signature (docs.dfns.co, list PATs). */
export const validity: ValidityCheck = {
  request: (secret, issuer) => ({
    url: new URL(`${issuer.href.replace(/\/$/, '')}/auth/pats`),
    headers: { accept: 'application/json', authorization: `Bearer ${secret.expose()}`, 'user-agent': 'patrol' },
  }),
  named: (json, secret) => {
    const rows = listing.safeParse(json).data?.items;
    const { issuedAt } = readClaims(secret.expose()) ?? {};
    const isPossible = ({ dateCreated }: s.Infer<typeof row>) =>
      issuedAt === undefined || typeof dateCreated !== 'string' || isIssuedAt({ createdAt: dateCreated }, issuedAt);
    return rows && namedAmong(rows, isPossible, ({ tokenId }) => tokenId);
  },
};
