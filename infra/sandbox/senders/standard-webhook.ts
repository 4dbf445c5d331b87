import { hmac, type Leak, plain, seconds, type Sender } from './sender.ts';

/** Signs a body by Standard Webhooks with a `whsec_…` secret. */
export function signStandardWebhook(
  secret: string,
  body: Buffer,
  { id, at }: { readonly id: string; readonly at: Date },
): Readonly<Record<string, string>> {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const timestamp = seconds(at);
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${hmac(key, `${id}.${timestamp}.`, body).toString('base64')}`,
  };
}

/** Makes the sender of a source that signs by Standard Webhooks. */
export const standardWebhook = (source: string, toBody: (leak: Leak) => string, type = 'application/json'): Sender => ({
  path: `/alerts/${source}`,
  toBody,
  sign: (body, secret, options) => ({
    headers: { 'content-type': type, ...signStandardWebhook(plain(secret), body, options) },
  }),
});
