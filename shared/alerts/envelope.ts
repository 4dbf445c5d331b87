import * as s from '#shared/core/schema.ts';
import { Fault } from '#shared/core/fault.ts';
import { readHttpRequest } from '#shared/core/read-http-request.ts';
import type { AlertRequest } from './source.ts';

/** One SNS message as Lambda hands it over; IAM, not a signature, vouches for it. */
const snsMessageSchema = s.object({
  Type: s.string,
  MessageId: s.string,
  TopicArn: s.string,
  Message: s.string,
});
export type SnsMessage = s.Infer<typeof snsMessageSchema>;

const eventBridgeSchema = s.object({
  version: s.literal('0'),
  id: s.string,
  'detail-type': s.string,
  source: s.string,
  detail: s.record(s.unknown),
});
export type EventBridgeEvent = s.Infer<typeof eventBridgeSchema>;

/** What Lambda was invoked with. Only its shape says so: a caller over HTTP controls header values and the body, never these keys. */
export type Envelope =
  | { readonly kind: 'http'; readonly source: string; readonly request: AlertRequest }
  | { readonly kind: 'no-route' }
  | { readonly kind: 'sns'; readonly messages: readonly SnsMessage[] }
  | { readonly kind: 'eventbridge'; readonly event: EventBridgeEvent };

const snsSchema = s.object({
  Records: s.array(s.object({ EventSource: s.literal('aws:sns'), Sns: snsMessageSchema }), { least: 1 }),
});

/** A stage or a base path may stand before `/alerts`; a source's own routes behind it. */
const ROUTE = /^(?:\/[\w.~$-]{1,64}){0,3}?\/alerts\/([a-z0-9-]{1,40})((?:\/[\w.-]{1,64}){0,4})\/?$/;

function readHttp(event: unknown): Envelope {
  const { path, request } = readHttpRequest(event);
  const route = ROUTE.exec(path);
  if (route === null) return { kind: 'no-route' };
  return { kind: 'http', source: route[1] ?? '', request: { ...request, subpath: route[2] ?? '' } };
}

/**
 * Tells what the function was invoked with and recovers the request inside byte for byte. An event with a
 * `requestContext` is HTTP whatever else it holds. Throws `payload_invalid` for anything that is none of the four.
 */
export function readEnvelope(event: unknown): Envelope {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    throw new Fault('payload_invalid', 'event is not an object');
  }
  if (Object.hasOwn(event, 'requestContext')) return readHttp(event);
  const sns = snsSchema.safeParse(event);
  if (sns.success) return { kind: 'sns', messages: sns.data.Records.map((record) => record.Sns) };
  const eventBridge = eventBridgeSchema.safeParse(event);
  if (eventBridge.success && !Object.hasOwn(event, 'Records')) return { kind: 'eventbridge', event: eventBridge.data };
  throw new Fault('payload_invalid', 'event is of no known kind');
}
