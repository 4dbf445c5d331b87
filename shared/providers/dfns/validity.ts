import * as z from 'zod/mini';
import { possibleAmong, type ValidityCheck } from '../validity-check.ts';
import { readClaims } from './claims.ts';
import { isIssuedAt } from './grade-tokens.ts';
import { TOKEN_ID } from './token-id.ts';

const listing = z.object({ items: z.array(z.unknown()) });
const row = z.object({ tokenId: z.string().check(z.regex(TOKEN_ID)), dateCreated: z.optional(z.unknown()) });

/** Dfns lists a user's own tokens to whoever shows one of them; reading needs no signature (docs.dfns.co, list PATs). */
export const validity: ValidityCheck = {
  request: (secret, issuer) => ({
    url: new URL(`${issuer.href.replace(/\/$/, '')}/auth/pats`),
    headers: { accept: 'application/json', authorization: `Bearer ${secret.expose()}`, 'user-agent': 'patrol' },
  }),
  tokenIds: (json, secret) => {
    const rows = listing.safeParse(json).data?.items.flatMap((item) => row.safeParse(item).data ?? []);
    const { issuedAt } = readClaims(secret.expose()) ?? {};
    const isPossible = ({ dateCreated }: z.infer<typeof row>) =>
      issuedAt === undefined || typeof dateCreated !== 'string' || isIssuedAt({ createdAt: dateCreated }, issuedAt);
    return rows && possibleAmong(rows, isPossible).map(({ tokenId }) => tokenId);
  },
};
