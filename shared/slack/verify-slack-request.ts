import { timingSafeEqual } from 'node:crypto';
import { Fault } from '#shared/core/fault.ts';
import { freshTimestamp } from '#shared/core/fresh-timestamp.ts';
import { hmacSha256 } from '#shared/core/hmac-sha256.ts';
import { type RawRequest, single } from '#shared/core/read-http-request.ts';
import type { Secret } from '#shared/core/secret.ts';

/** The app's signing secret: the current version and, while it is rotated, the one before. */
export interface SigningSecrets {
  readonly current: Secret;
  readonly previous?: Secret;
}

// The version is ours to fix, not the sender's: a verifier that takes it from the header can be fed a piece of an old
// signed request in front of a forged one. The strict form also keeps joined values out.
const SIGNATURE = /^v0=[0-9a-f]{64}$/;

/**
 * Passes only a request that Slack signed (v0, HMAC-SHA256 over the exact bytes) within five minutes of now, with the
 * current or the previous secret. Throws `signature_missing`, `signature_invalid` or `signature_stale`; parses nothing.
 */
export function verifySlackRequest(request: RawRequest, secrets: SigningSecrets, nowSeconds: number): void {
  const signature = single(request, 'x-slack-signature');
  if (!SIGNATURE.test(signature)) throw new Fault('signature_invalid', 'x-slack-signature is malformed');
  const timestamp = freshTimestamp(request, 'x-slack-request-timestamp', nowSeconds);
  const given = Buffer.from(signature.slice('v0='.length), 'hex');
  const isSignedWith = (secret: Secret | undefined): boolean =>
    secret !== undefined && timingSafeEqual(hmacSha256(secret.expose(), `v0:${timestamp}:`, request.body), given);
  if (!isSignedWith(secrets.current) && !isSignedWith(secrets.previous)) {
    throw new Fault('signature_invalid', 'x-slack-signature does not fit the body');
  }
}
