import { Fault } from './fault.ts';
import type { Parsed } from './schema.ts';

/** Parses a function's environment; reports every bad name at once, and no value. Throws `config_invalid`. */
export function parseEnv<T>(
  schema: { safeParse(value: unknown): Parsed<T> },
  environment: Readonly<Record<string, string | undefined>>,
): T {
  const parsed = schema.safeParse(environment);
  if (parsed.success) return parsed.data;
  const names = [...new Set(parsed.error.issues.map(({ path }) => path.map(String).join('.')))];
  throw new Fault('config_invalid', `environment: ${names.join(', ')} missing or malformed`);
}
