import { createHmac } from 'node:crypto';
import type { AlertRequest } from '#shared/alerts/source.ts';

/** A fixed clock for alert tests: 2026-01-15T12:00:00Z. */
export const NOW = new Date('2026-01-15T12:00:00.000Z');
export const NOW_SECONDS = Math.floor(NOW.getTime() / 1000);
export const now = () => NOW;

const FINGERPRINT_KEY = 'fingerprint-key-for-tests-0123456789';
export const fingerprint = (text: string) => createHmac('sha256', FINGERPRINT_KEY).update(text).digest('hex');

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
