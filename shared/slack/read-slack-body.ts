import { isUtf8 } from 'node:buffer';
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
const FIELD = /^[a-z][a-z_]{0,39}$/;

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
  if (body.length > 1000 || !body.includes('ssl_check')) return false;
  const fields = new URLSearchParams(body.toString('latin1'));
  return fields.get('ssl_check') === '1' && !fields.has('command') && !fields.has('payload');
}

function readForm(text: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    if (!FIELD.test(name)) throw new Fault('payload_invalid', 'form has a field of another');
    if (Object.hasOwn(fields, name)) throw new Fault('payload_invalid', 'form names a field twice');
    fields[name] = value;
  }
  return fields;
}

function decodeUtf8(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new Fault('payload_invalid', 'body is not UTF-8');
  return bytes.toString('utf8');
}

function parsePayload(text: string): unknown {
  const value = tryParseJson(text);
  if (value === undefined) throw new Fault('payload_invalid', 'JSON is malformed');
  return value;
}
