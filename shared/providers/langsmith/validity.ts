import type { Secret } from '#shared/core/secret.ts';
import * as s from '#shared/core/schema.ts';
import { namedAmong, type ValidityCheck } from '../validity-check.ts';
import { compareShortKey } from './compare-short-key.ts';
import { plainEnds } from './key-ends.ts';
import { TOKEN_ID } from './token-id.ts';

const row = s.object({ id: s.matching(TOKEN_ID), short_key: s.optional(s.unknown) });
const listing = s.array(row);

/**
 * LangSmith lists a user's own personal tokens to whoever shows one of them, and an organisation's service keys to a service
 * key that may read them (docs.langchain.com, list PATs, service keys).
 */
export const validity: ValidityCheck = {
  request: (secret, issuer) => ({
    url: new URL(`${issuer.href.replace(/\/$/, '')}/api/v1/orgs/current/${listingFor(secret)}`),
    headers: { accept: 'application/json', 'x-api-key': secret.expose(), 'user-agent': 'patrol' },
  }),
  named: (json, secret) => {
    const rows = listing.safeParse(json).data;
    const ends = plainEnds(secret.expose());
    const isPossible = ({ short_key: shown }: s.Infer<typeof row>) =>
      typeof shown !== 'string' || compareShortKey(shown, ends).isPossible;
    return rows && namedAmong(rows, isPossible, ({ id }) => id);
  },
};

function listingFor(secret: Secret): string {
  return secret.expose().startsWith('lsv2_sk_') ? 'service-keys' : 'personal-access-tokens';
}
