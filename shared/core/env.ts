import type * as z from 'zod';
import { Fault } from './fault.ts';

/** Parses a function's environment; reports every bad name at once, and no value. Throws `config_invalid`. */
export function parseEnv<T>(schema: z.ZodType<T>, environment: Readonly<Record<string, string | undefined>>): T {
  const parsed = schema.safeParse(environment);
  if (parsed.success) return parsed.data;
  const names = [...new Set(parsed.error.issues.map((issue) => issue.path.join('.')))];
  throw new Fault('config_invalid', `environment: ${names.join(', ')} missing or malformed`);
}
