import type { RawRequest } from '#shared/core/read-http-request.ts';
import { Fault } from '#shared/core/fault.ts';
import { tryParseJson } from '#shared/core/try-parse-json.ts';

/** What a verified body is, before anybody looks at its fields. */
export type SlackBody =
  | { readonly kind: 'command'; readonly fields: Readonly<Record<string, string>> }
  | { readonly kind: 'interaction'; readonly payload: unknown }
  | { readonly kind: 'event'; readonly payload: unknown };

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

/** The names of Slack's fields. A JSON text with `&` and `=` in it, read as a form, has others. */
const FIELD = /^[a-z_]{1,40}$/;

/**
 * Reads a verified body in the form that its content type and its first byte both say: the type is not signed. Throws
 * `payload_invalid` for another type, an encoded body, text that is no UTF-8, broken JSON, an event that is no object, and
 * a form that names a field twice or one that Slack has not.
 */
export function readSlackBody(request: RawRequest): SlackBody {
  const encoding = request.headers.get('content-encoding')?.join(',') ?? 'identity';
  if (encoding !== 'identity') throw new Fault('payload_invalid', 'body is compressed');
  const type = request.headers.get('content-type')?.join(',').split(';')[0]?.trim().toLowerCase();
  const text = decodeUtf8(request.body);
  const isJson = text.startsWith('{');
  if (type === JSON_TYPE && isJson) return { kind: 'event', payload: parsePayload(text) };
  if (type !== FORM || isJson)
    throw new Fault('payload_invalid', 'body is not the form or JSON that its content-type says');
  const fields = readForm(text);
  if (fields['payload'] !== undefined) return { kind: 'interaction', payload: parsePayload(fields['payload']) };
  return { kind: 'command', fields };
}

/**
 * True for Slack's probe of our certificate, which comes without a usable signature and asks for nothing but a 200.
 * A body that also brings a command or a payload is none.
 */
export function isSslCheck({ body }: RawRequest): boolean {
  if (body.length > 1000) return false;
  const fields = new URLSearchParams(body.toString('latin1'));
  return fields.get('ssl_check') === '1' && !fields.has('command') && !fields.has('payload');
}

function readForm(text: string): Record<string, string> {
  const pairs = [...new URLSearchParams(text)];
  const fields = Object.fromEntries(pairs);
  if (!pairs.every(([name]) => FIELD.test(name))) throw new Fault('payload_invalid', 'form has a field of another');
  if (Object.keys(fields).length !== pairs.length) throw new Fault('payload_invalid', 'form names a field twice');
  return fields;
}

function decodeUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Fault('payload_invalid', 'body is not UTF-8');
  }
}

function parsePayload(text: string): unknown {
  const value = tryParseJson(text);
  if (value === undefined) throw new Fault('payload_invalid', 'JSON is malformed');
  return value;
}
