import * as s from '#shared/core/schema.ts';
import { Fault } from './fault.ts';

/** A request as it came over HTTP, whatever stood before the function. Header names are lower case. */
export interface RawRequest {
  readonly method: string;
  /** Every value that arrived, in order; a comma-joined HTTP API v2 header is one string. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** The exact bytes received. */
  readonly body: Buffer;
}

const headersSchema = s.nullish(s.anyRecord);

/** API Gateway v1 and v2, function URL and ALB, as far as we read them. */
const httpSchema = s.object({
  requestContext: s.object({ http: s.nullish(s.object({ method: s.string })) }),
  httpMethod: s.nullish(s.string),
  rawPath: s.nullish(s.string),
  path: s.nullish(s.string),
  headers: headersSchema,
  multiValueHeaders: headersSchema,
  body: s.nullish(s.string),
  isBase64Encoded: s.nullish(s.boolean),
});
type HttpEvent = s.Infer<typeof httpSchema>;

function readHeaders(event: HttpEvent): Map<string, readonly string[]> {
  // REST and ALB list every value here; `headers` then keeps only the last one.
  const several = event.multiValueHeaders ?? {};
  const given = Object.keys(several).length > 0 ? several : (event.headers ?? {});
  const headers = new Map<string, string[]>();
  for (const name of Object.keys(given)) {
    const value = given[name];
    const key = name.toLowerCase();
    const values = headers.get(key) ?? [];
    for (const item of Array.isArray(value) ? value : [value]) if (typeof item === 'string') values.push(item);
    headers.set(key, values);
  }
  return headers;
}

/**
 * Recovers the request from an HTTP API v2, REST v1, function URL or ALB event, byte for byte, and the path it was sent
 * to, stage and base path included. Missing headers and a missing body are empty ones. Throws `payload_invalid` for
 * anything else, a flag that is no boolean included.
 */
export function readHttpRequest(given: unknown): { readonly path: string; readonly request: RawRequest } {
  const parsed = httpSchema.safeParse(given);
  if (!parsed.success) throw new Fault('payload_invalid', 'event is no HTTP request, or a field has the wrong type');
  const event = parsed.data;
  return {
    path: event.rawPath ?? event.path ?? '',
    request: {
      method: (event.requestContext.http?.method ?? event.httpMethod ?? '').toUpperCase(),
      headers: readHeaders(event),
      body: Buffer.from(event.body ?? '', event.isBase64Encoded === true ? 'base64' : 'utf8'),
    },
  };
}

/**
 * Returns the only value of a header. Throws `signature_missing` when it is absent or empty and `signature_invalid` when
 * it came more than once or was joined by a comma, unless the scheme itself puts commas into one value.
 */
export function single(request: RawRequest, header: string, options: { readonly commas?: boolean } = {}): string {
  const values = request.headers.get(header) ?? [];
  const [value] = values;
  if (value === undefined || value === '') throw new Fault('signature_missing', `header ${header} is missing`);
  if (values.length > 1 || (options.commas !== true && value.includes(','))) {
    throw new Fault('signature_invalid', `header ${header} has several values`);
  }
  return value;
}
