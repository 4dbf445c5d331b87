import { Fault } from '#shared/core/fault.ts';
import { hmacSha256, isEqualConstantTime } from '#shared/core/hmac-sha256.ts';
import { single } from '#shared/core/read-http-request.ts';
import { acceptedKeys } from './accepted-keys.ts';
import type { AlertRequest, SourceKeys } from '../source.ts';

/** Where a sender puts its HMAC-SHA256 in lower-case hex, and what it writes before it. */
export interface HubScheme {
  readonly header: string;
  readonly prefix: '' | 'sha256=';
  /** Makes the key where the sender mixes more than the secret into it. */
  readonly toKey?: (secret: string) => string;
}

/** Returns the header value that signs a body; what senders and our own tools put into the header. */
export function signHub({ prefix, toKey = (secret) => secret }: HubScheme, secret: string, body: Buffer): string {
  return `${prefix}${hmacSha256(toKey(secret), body).toString('hex')}`;
}

/**
 * Verifies an HMAC-SHA256 over the exact bytes. The header's form is checked before any HMAC is computed. Throws
 * `signature_missing` or `signature_invalid`.
 */
export function verifyHubSignature(request: AlertRequest, keys: SourceKeys | undefined, scheme: HubScheme): void {
  const given = single(request, scheme.header);
  const digits = given.startsWith(scheme.prefix) ? given.slice(scheme.prefix.length) : '';
  if (!/^[0-9a-f]{64}$/.test(digits)) throw new Fault('signature_invalid', `header ${scheme.header} is malformed`);
  const matches = acceptedKeys(keys).map((secret) =>
    isEqualConstantTime(signHub(scheme, secret.expose(), request.body), given),
  );
  if (!matches.includes(true)) throw new Fault('signature_invalid', 'the signature does not match');
}
