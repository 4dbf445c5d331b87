import { createHmac, randomBytes } from 'node:crypto';
import type { AlertRequest } from '#shared/alerts/source.ts';

/** A fixed clock for alert tests: 2026-01-15T12:00:00Z. */
export const NOW = new Date('2026-01-15T12:00:00.000Z');
export const NOW_SECONDS = Math.floor(NOW.getTime() / 1000);
export const now = () => NOW;

const FINGERPRINT_KEY = 'fingerprint-key-for-tests-0123456789';
export const fingerprint = (text: string) => createHmac('sha256', FINGERPRINT_KEY).update(text).digest('hex');

/** A LangSmith token of the exact form; fake. */
export function fakeLangsmithToken(): string {
  return `lsv2_pt_${randomBytes(16).toString('hex')}_${randomBytes(5).toString('hex')}`;
}

/** A JWT with the claims of a Dfns token and a random signature; fake. */
export function fakeDfnsToken(claims: Record<string, unknown> = {}): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const payload = {
    iss: 'auth.dfns.io',
    iat: NOW_SECONDS - 1000,
    exp: NOW_SECONDS + 100_000,
    'https://custom/app_metadata': {
      orgId: 'or-12345-67890-abcdefghijklmnop',
      userId: 'us-12345-67890-abcdefghijklmnop',
    },
    ...claims,
  };
  return `${part({ alg: 'EdDSA', typ: 'JWT' })}.${part(payload)}.${randomBytes(64).toString('base64url')}`;
}

/** Makes the request that a source sees. */
export function alertRequest(
  body: string | Buffer,
  headers: Record<string, string | readonly string[]> = {},
  route: { readonly subpath?: string; readonly method?: string } = {},
): AlertRequest {
  return {
    subpath: route.subpath ?? '',
    method: route.method ?? 'POST',
    headers: new Map(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), typeof value === 'string' ? [value] : value]),
    ),
    body: Buffer.from(body),
  };
}
