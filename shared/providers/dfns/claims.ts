import { defined } from '#shared/core/defined.ts';
import { decodeClaims } from '../text/find-jwts.ts';
import { isTenant } from './is-tenant.ts';
import { TOKEN_ID } from './token-id.ts';

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function asId(value: unknown, pattern = /^[A-Za-z0-9_-]{1,64}$/): string | undefined {
  return typeof value === 'string' && pattern.test(value) ? value : undefined;
}

function asSeconds(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 && value < 1e11
    ? Math.floor(value)
    : undefined;
}

/** What the claims of a Dfns token say about it. Not verified by anybody: hints for a look-up, never a proof. */
export interface Claims {
  readonly organizationId?: string;
  /** Of a user of a tenant, whose token may name no organisation. */
  readonly tenantId?: string;
  readonly userId?: string;
  readonly tokenId?: string;
  readonly issuedAt?: number;
  readonly expiresAt?: number;
  /** It is something else than a token that is listed, as far as it says: the token of a login, which lasts for hours. */
  readonly isOtherKind?: true;
}

/** What the tokens that Dfns lists call themselves. */
const LISTED_KIND = /^(?:pat|serviceaccount)$/i;
/** A token that does not say what it is, and lasts for less, may be that of a login. */
const LISTED_FOR_SECONDS = 86_400;

/** True for what says by its kind, or else by how short it lasts, that it is none of the tokens that Dfns lists. */
function isOfOtherKind(kind: unknown, { issuedAt, expiresAt }: Pick<Claims, 'issuedAt' | 'expiresAt'>): boolean {
  if (typeof kind === 'string') return !LISTED_KIND.test(kind);
  return expiresAt !== undefined && expiresAt - (issuedAt ?? expiresAt) < LISTED_FOR_SECONDS;
}

/** Reads the claims of a JWT that Dfns issued (`iss` starts with `auth.dfns.`); `undefined` for any other text. */
export function readClaims(jwt: string): Claims | undefined {
  const claims = decodeClaims(jwt);
  const issuer = claims?.['iss'];
  if (!claims || typeof issuer !== 'string' || !/^(?:https:\/\/)?auth\.dfns\./.test(issuer)) return undefined;
  const metadata = { ...asRecord(claims['app_metadata']), ...asRecord(claims['https://custom/app_metadata']) };
  const { sub } = claims;
  const home = asId(metadata['orgId']);
  const organizationId = isTenant(home) ? undefined : (home ?? asId(sub, /^or-[A-Za-z0-9_-]{1,61}$/));
  const tenantId = asId(metadata['tenantId']) ?? (isTenant(home) ? home : asId(sub, /^tn-[A-Za-z0-9_-]{1,61}$/));
  const userId = asId(metadata['userId']) ?? asId(sub, /^us-[A-Za-z0-9_-]{1,61}$/);
  const tokenId = asId(metadata['tokenId'], TOKEN_ID);
  const times = defined({ issuedAt: asSeconds(claims['iat']), expiresAt: asSeconds(claims['exp']) });
  const isOtherKind = isOfOtherKind(metadata['tokenKind'], times) ? true : undefined;
  return {
    ...times,
    ...defined({ organizationId, tenantId, userId, tokenId, isOtherKind }),
  };
}
