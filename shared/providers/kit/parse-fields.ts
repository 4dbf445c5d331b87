import * as z from 'zod';
import { Fault } from '#shared/core/fault.ts';
import { unquoted } from '#shared/core/parse-stored-json.ts';
import { Secret } from '#shared/core/secret.ts';

/** Fails a field with words that name no value. */
export function reject(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}

/** True for a host name that means the machine itself. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/** A provider's address: https (http only on this machine), any path prefix, no credentials, query or fragment. */
export const baseUrlField = z.string().transform((text, context) => {
  const bare = unquoted(text);
  const url = URL.canParse(bare) ? new URL(bare) : undefined;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    return reject(context, 'is not an https address');
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) return reject(context, 'must be https');
  if (url.username + url.password + url.search + url.hash !== '') {
    return reject(context, 'must hold no user name, password, query or fragment');
  }
  url.pathname = url.pathname.replace(/\/+$/, '');
  return url;
});

/** A confidential text that goes into a header: visible ASCII, without quotes or the word `Bearer` around it. */
export const headerSecretField = z.string().transform((text, context) => {
  const bare = unquoted(unquoted(text).replace(/^Bearer\s+/i, ''));
  if (bare === '') return reject(context, 'is missing');
  return /^[\x21-\x7e]{1,8192}$/.test(bare) ? new Secret(bare) : reject(context, 'holds characters no header may have');
});

/** An identifier as the provider gives it. */
export const idField = z
  .string()
  .transform(unquoted)
  .pipe(z.string().regex(/^[\x21-\x7e]{1,256}$/, 'is no identifier'));

/** Consoles and templates write `null` or an empty text where nothing was given. */
function withoutEmpty(fields: unknown): unknown {
  if (typeof fields !== 'object' || fields === null) return fields;
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && !(typeof value === 'string' && value.trim() === '')),
  );
}

/**
 * Reads a profile's secret through a schema. Throws `config_invalid` that names the profile and its first missing or wrong
 * field, and never a value.
 */
export function parseFields<T extends z.ZodType>(profile: string, schema: T, stored: unknown): z.output<T> {
  const fields = withoutEmpty(stored);
  const parsed = schema.safeParse(fields);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const field = issue.path.join('.');
    const isMissing = issue.code !== 'custom' && (fields as Readonly<Record<string, unknown>>)[field] === undefined;
    return `${field} ${isMissing ? 'is missing' : issue.code === 'custom' ? issue.message : 'is wrong'}`;
  });
  throw new Fault('config_invalid', `profile ${profile}: ${problems.join('; ')}`);
}
