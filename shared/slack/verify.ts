import { timingSafeEqual } from 'node:crypto';
import { single } from '#shared/alerts/envelope.ts';
import type { AlertRequest } from '#shared/alerts/source.ts';
import { Fault } from '#shared/core/fault.ts';
import { hmacSha256 } from '#shared/core/hmac.ts';
import type { Secret } from '#shared/core/secret.ts';

/** The app's signing secret: the current version and, while it is rotated, the one before. */
export interface SigningSecrets {
  readonly current: Secret;
  readonly previous?: Secret;
}

/** How far a request's time may lie from ours, in either direction, as Slack's documentation asks. */
const TOLERANCE_SECONDS = 300;

// The version is ours to fix, not the sender's: a verifier that takes it from the header can be fed a piece of an old
// signed request in front of a forged one. The strict forms also keep NaN, hex, blanks and joined values out.
const SIGNATURE = /^v0=[0-9a-f]{64}$/;
const TIMESTAMP = /^\d{10}$/;

/**
 * Passes only a request that Slack signed (v0, HMAC-SHA256 over the exact bytes) within five minutes of now, with the
 * current or the previous secret. Throws `signature_missing`, `signature_invalid` or `signature_stale`; parses nothing.
 */
export function verifySlackRequest(request: AlertRequest, secrets: SigningSecrets, nowSeconds: number): void {
  const signature = single(request, 'x-slack-signature');
  const timestamp = single(request, 'x-slack-request-timestamp');
  if (!SIGNATURE.test(signature)) throw new Fault('signature_invalid', 'x-slack-signature is malformed');
  if (!TIMESTAMP.test(timestamp)) throw new Fault('signature_invalid', 'x-slack-request-timestamp is malformed');
  if (Math.abs(nowSeconds - Number(timestamp)) > TOLERANCE_SECONDS) {
    throw new Fault('signature_stale', 'x-slack-request-timestamp is over 300 seconds from now');
  }
  const given = Buffer.from(signature.slice('v0='.length), 'hex');
  const isSignedWith = (secret: Secret | undefined): boolean =>
    secret !== undefined && timingSafeEqual(hmacSha256(secret.expose(), `v0:${timestamp}:`, request.body), given);
  if (!isSignedWith(secrets.current) && !isSignedWith(secrets.previous)) {
    throw new Fault('signature_invalid', 'x-slack-signature does not fit the body');
  }
}
