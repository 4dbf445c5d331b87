import * as z from 'zod/mini';
import { Fault } from './fault.ts';

/** Parses a function's environment; reports every bad name at once, and no value. Throws `config_invalid`. */
export function parseEnv<S extends z.core.$ZodType>(
  schema: S,
  environment: Readonly<Record<string, string | undefined>>,
): z.output<S> {
  const parsed = z.safeParse(schema, environment);
  if (parsed.success) return parsed.data;
  const names = [...new Set(parsed.error.issues.map((issue) => issue.path.join('.')))];
  throw new Fault('config_invalid', `environment: ${names.join(', ')} missing or malformed`);
}
