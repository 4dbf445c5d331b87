import * as z from 'zod/mini';
import { Fault } from '#shared/core/fault.ts';
import type { AlertRequest } from './source.ts';

/** One SNS message as Lambda hands it over; IAM, not a signature, vouches for it. */
const snsMessageSchema = z.object({
  Type: z.string(),
  MessageId: z.string(),
  TopicArn: z.string(),
  Message: z.string(),
});
export type SnsMessage = z.infer<typeof snsMessageSchema>;

const eventBridgeSchema = z.object({
  version: z.literal('0'),
  id: z.string(),
  'detail-type': z.string(),
  source: z.string(),
  detail: z.record(z.string(), z.unknown()),
});
export type EventBridgeEvent = z.infer<typeof eventBridgeSchema>;

/** What Lambda was invoked with. Only its shape says so: a caller over HTTP controls header values and the body, never these keys. */
export type Envelope =
  | { readonly kind: 'http'; readonly source: string; readonly request: AlertRequest }
  | { readonly kind: 'no-route' }
  | { readonly kind: 'sns'; readonly messages: readonly SnsMessage[] }
  | { readonly kind: 'eventbridge'; readonly event: EventBridgeEvent };

const snsSchema = z.object({
  Records: z.array(z.object({ EventSource: z.literal('aws:sns'), Sns: snsMessageSchema })).check(z.minLength(1)),
});

const headersSchema = z.nullish(z.record(z.string(), z.unknown()));

/** API Gateway v1 and v2, function URL and ALB, as far as we read them. */
const httpSchema = z.object({
  requestContext: z.object({ http: z.nullish(z.object({ method: z.string() })) }),
  httpMethod: z.nullish(z.string()),
  rawPath: z.nullish(z.string()),
  path: z.nullish(z.string()),
  headers: headersSchema,
  multiValueHeaders: headersSchema,
  body: z.nullish(z.string()),
  isBase64Encoded: z.nullish(z.boolean()),
});
type HttpEvent = z.infer<typeof httpSchema>;

/** A stage or a base path may stand before `/alerts`; a source's own routes behind it. */
const ROUTE = /^(?:\/[\w.~$-]{1,64}){0,3}?\/alerts\/([a-z0-9-]{1,40})((?:\/[\w.-]{1,64}){0,4})\/?$/;

function readHeaders(event: HttpEvent): Map<string, readonly string[]> {
  // REST and ALB list every value here; `headers` then keeps only the last one.
  const several = event.multiValueHeaders ?? {};
  const given = Object.keys(several).length > 0 ? several : (event.headers ?? {});
  const headers = new Map<string, string[]>();
  for (const [name, value] of Object.entries(given)) {
    const values = (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string');
    const key = name.toLowerCase();
    headers.set(key, [...(headers.get(key) ?? []), ...values]);
  }
  return headers;
}

/** A request and the path it was sent to, stage and base path included. */
interface HttpRequest {
  readonly path: string;
  readonly request: AlertRequest;
}

/**
 * Recovers the request from an HTTP API v2, REST v1, function URL or ALB event, byte for byte. Missing headers and a
 * missing body are empty ones. Throws `payload_invalid` for anything else, a flag that is no boolean included.
 */
export function readHttpRequest(given: unknown): HttpRequest {
  const parsed = httpSchema.safeParse(given);
  if (!parsed.success) throw new Fault('payload_invalid', 'event is no HTTP request, or a field has the wrong type');
  const event = parsed.data;
  return {
    path: event.rawPath ?? event.path ?? '',
    request: {
      subpath: '',
      method: (event.requestContext.http?.method ?? event.httpMethod ?? '').toUpperCase(),
      headers: readHeaders(event),
      body: Buffer.from(event.body ?? '', event.isBase64Encoded === true ? 'base64' : 'utf8'),
    },
  };
}

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

/**
 * Returns the only value of a header. Throws `signature_missing` when it is absent or empty and `signature_invalid` when
 * it came more than once or was joined by a comma, unless the scheme itself puts commas into one value.
 */
export function single(request: AlertRequest, header: string, options: { readonly commas?: boolean } = {}): string {
  const values = request.headers.get(header) ?? [];
  const [value] = values;
  if (value === undefined || value === '') throw new Fault('signature_missing', `header ${header} is missing`);
  if (values.length > 1 || (options.commas !== true && value.includes(','))) {
    throw new Fault('signature_invalid', `header ${header} has several values`);
  }
  return value;
}
