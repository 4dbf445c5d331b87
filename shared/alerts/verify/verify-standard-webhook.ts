import { Fault } from '#shared/core/fault.ts';
import { freshTimestamp } from '#shared/core/fresh-timestamp.ts';
import { hmacSha256, isEqualConstantTime, MINIMUM_KEY_BYTES } from '#shared/core/hmac-sha256.ts';
import { single } from '#shared/core/read-http-request.ts';
import type { Secret } from '#shared/core/secret.ts';
import { acceptedKeys } from './accepted-keys.ts';
import type { AlertRequest, SourceKeys } from '../source.ts';

/** Marks a secret whose rest is base64 of the key, and with it a source that signs by Standard Webhooks. */
export const STANDARD_WEBHOOKS_PREFIX = 'whsec_';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** Printable ASCII without "." (it separates the signed parts) and without "," (it joins repeated headers). */
const MESSAGE_ID = /^[\x21-\x2b\x2d\x2f-\x7e]{1,256}$/;
/** `v1a` and versions to come may stand in the list; they are passed over. */
const SIGNATURE = /^v[0-9a-z]{1,4},[A-Za-z0-9+/_=-]{1,1024}$/;
/** A rotation needs two or three; a list without end would only make us compute. */
const MAX_SIGNATURES = 8;

/** Returns the key bytes of a `whsec_…` secret. Throws `config_invalid` for another form or under 16 bytes. */
export function standardWebhookKey(secret: Secret): Buffer {
  const text = secret.expose();
  const encoded = text.startsWith(STANDARD_WEBHOOKS_PREFIX) ? text.slice(STANDARD_WEBHOOKS_PREFIX.length) : '';
  const key = BASE64.test(encoded) ? Buffer.from(encoded, 'base64') : Buffer.alloc(0);
  if (key.length < MINIMUM_KEY_BYTES) {
    throw new Fault('config_invalid', 'secret is not "whsec_" and base64 of at least 16 bytes');
  }
  return key;
}

/** Returns the `v1,…` signature of a message; what senders and our own tools put into `webhook-signature`. */
export function signStandardWebhook(
  key: Buffer,
  { id, timestamp, body }: { readonly id: string; readonly timestamp: string; readonly body: Buffer },
): string {
  return `v1,${hmacSha256(key, `${id}.${timestamp}.`, body).toString('base64')}`;
}

/**
 * Verifies Standard Webhooks strictly: the three headers once each, an id without a full stop, ten digits of time within
 * five minutes in either direction, a list of at most eight well-formed signatures of which one `v1` matches.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function verifyStandardWebhook(request: AlertRequest, keys: SourceKeys | undefined, nowSeconds: number): void {
  const id = single(request, 'webhook-id');
  const list = single(request, 'webhook-signature', { commas: true }).split(' ');
  if (!MESSAGE_ID.test(id)) throw new Fault('signature_invalid', 'webhook-id is malformed');
  const timestamp = freshTimestamp(request, 'webhook-timestamp', nowSeconds);
  if (list.length > MAX_SIGNATURES || !list.every((item) => SIGNATURE.test(item))) {
    throw new Fault('signature_invalid', 'webhook-signature is malformed');
  }
  const expected = acceptedKeys(keys).map((secret) =>
    signStandardWebhook(standardWebhookKey(secret), { id, timestamp, body: request.body }),
  );
  const matches = expected.flatMap((ours) => list.map((theirs) => isEqualConstantTime(ours, theirs)));
  if (!matches.includes(true)) throw new Fault('signature_invalid', 'no signature of the list matches');
}
