import type { Clue } from '#shared/core/vocabulary.ts';
import { TOKEN_ID } from './dfns/token-id.ts';
import { decodeClaims } from './jwt.ts';

type Fingerprint = (text: string) => string;

const LANGSMITH_KEY = /^lsv2_(pt|sk)_([A-Za-z0-9]{32,})(?:_[A-Za-z0-9]+)*$/;
const SHOWN = 8;

/** Spells the first 32 hex digits as a UUID, to be compared with row ids. */
export function spellUuid(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

/** Reads a LangSmith key: its kind, at most 8 characters from either end, and fingerprints. `undefined` for a fragment. */
export function readLangsmithClue(key: string, fingerprint: Fingerprint): Clue | undefined {
  const match = LANGSMITH_KEY.exec(key);
  if (!match) return undefined;
  const body = match[2] ?? '';
  const prefix = `lsv2_${match[1]}_`;
  return {
    form: 'langsmith',
    provider: 'langsmith',
    kind: match[1] === 'pt' ? 'pat' : 'service-key',
    head: key.slice(0, prefix.length + SHOWN),
    tail: key.slice(-SHOWN),
    length: key.length,
    ...(/^[0-9a-f]{32}/.test(body) && { rowIdFingerprint: fingerprint(spellUuid(body)) }),
    fingerprint: fingerprint(key),
  };
}

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
export interface DfnsClaims {
  readonly organizationId?: string;
  readonly userId?: string;
  readonly tokenId?: string;
  readonly issuedAt?: number;
  readonly expiresAt?: number;
}

/** Reads the claims of a JWT that Dfns issued (`iss` starts with `auth.dfns.`); `undefined` for any other text. */
export function readDfnsClaims(jwt: string): DfnsClaims | undefined {
  const claims = decodeClaims(jwt);
  const issuer = claims?.['iss'];
  if (!claims || typeof issuer !== 'string' || !/^(?:https:\/\/)?auth\.dfns\./.test(issuer)) return undefined;
  const metadata = { ...asRecord(claims['app_metadata']), ...asRecord(claims['https://custom/app_metadata']) };
  const organizationId = asId(metadata['orgId']) ?? asId(claims['sub'], /^or-[A-Za-z0-9_-]{1,61}$/);
  const userId = asId(metadata['userId']);
  const tokenId = asId(metadata['tokenId'], TOKEN_ID);
  const issuedAt = asSeconds(claims['iat']);
  const expiresAt = asSeconds(claims['exp']);
  return {
    ...(organizationId !== undefined && { organizationId }),
    ...(userId !== undefined && { userId }),
    ...(tokenId !== undefined && { tokenId }),
    ...(issuedAt !== undefined && { issuedAt }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
}

/** Reads a Dfns token's clue from its untrusted claims. `undefined` for a JWT of anybody else. */
export function readDfnsClue(jwt: string, fingerprint: Fingerprint): Clue | undefined {
  const claims = readDfnsClaims(jwt);
  return claims && { form: 'dfns', provider: 'dfns', ...claims, fingerprint: fingerprint(jwt) };
}
