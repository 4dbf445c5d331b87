import * as z from 'zod/mini';
import type { ValidityCheck } from '../validity-check.ts';
import { TOKEN_ID } from './token-id.ts';

const listing = z.object({ items: z.array(z.unknown()) });
const row = z.object({ tokenId: z.string().check(z.regex(TOKEN_ID)) });

/** Dfns lists a user's own tokens to whoever shows one of them; reading needs no signature (docs.dfns.co, list PATs). */
export const validity: ValidityCheck = {
  request: (secret, issuer) => ({
    url: new URL(`${issuer.href.replace(/\/$/, '')}/auth/pats`),
    headers: { accept: 'application/json', authorization: `Bearer ${secret.expose()}`, 'user-agent': 'patrol' },
  }),
  tokenIds: (json) => listing.safeParse(json).data?.items.flatMap((item) => row.safeParse(item).data?.tokenId ?? []),
};
