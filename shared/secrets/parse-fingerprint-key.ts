import * as s from '#shared/core/schema.ts';
import { Fault } from '#shared/core/fault.ts';
import type { Secret } from '#shared/core/secret.ts';
import { parseStoredJson } from '#shared/core/parse-stored-json.ts';

const schema = s.object({ key: s.atLeast(32) });

/** Reads the fingerprint key out of its secret. Throws `config_invalid`, which names the field and no value. */
export function parseFingerprintKey(secret: Secret): string {
  const parsed = schema.safeParse(parseStoredJson(secret.expose()));
  if (parsed.success) return parsed.data.key;
  throw new Fault('config_invalid', 'secret fingerprint: "key" must be a text of 32 characters or more');
}
