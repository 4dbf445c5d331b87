import { statSync } from 'node:fs';
import * as z from 'zod';
import { readJson, Stop } from '../command-line.ts';
import type { GivenSecrets } from './item.ts';

const text = z.string().min(1);
const schema = z.strictObject({
  slack: z.strictObject({ signingSecret: text, botToken: text }).exactOptional(),
  github: z.strictObject({ token: text }).exactOptional(),
  alerts: z.record(z.string(), text).exactOptional(),
  profiles: z.record(z.string(), z.record(z.string(), text)).exactOptional(),
});

/**
 * Reads a file of secrets. Throws `Stop` when others than its owner may read it, when it is no JSON, or when a field is
 * unknown, missing or of the wrong form; the message names fields and never a value.
 */
export function readGivenFile(file: string): GivenSecrets {
  const mode = statOf(file);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new Stop(`${file} can be read by others. Run "chmod 600 ${file}" first, and delete the file afterwards.`);
  }
  const parsed = schema.safeParse(readJson(file));
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `unknown field ${[...issue.path, issue.keys[0]].join('.')}`
      : `${issue.path.join('.') || 'the whole'} is missing or of the wrong form`,
  );
  throw new Stop(`${file}: ${[...new Set(fields)].join('; ')}.`);
}

function statOf(file: string): number {
  try {
    return statSync(file).mode;
  } catch {
    throw new Stop(`${file} cannot be read.`);
  }
}
