import type * as z from 'zod';

/** Wrong input: told to the caller as a 400. */
export class BadCall extends Error {}

/** A control call as its route sees it. */
export interface Call {
  readonly query: URLSearchParams;
  readonly text: string;
  /** What follows the name in the path. */
  readonly rest: string;
  /** The body, checked. Throws a `BadCall` that names what is wrong. */
  body<S extends z.ZodType>(schema: S): z.infer<S>;
}

/** Reads a call's body by a schema; an empty one counts as `{}`. */
export function readCall<S extends z.ZodType>(schema: S, text: string): z.infer<S> {
  return check(schema, parseBody(text === '' ? '{}' : text));
}

/** Parses JSON. Throws a `BadCall`. */
export function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BadCall('The body is not JSON.');
  }
}

function check<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new BadCall(
    parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; '),
  );
}
