import * as s from '#shared/core/schema.ts';
import { parseEnv } from '#shared/core/parse-env.ts';
import { Fault } from '#shared/core/fault.ts';
import { tryParseJson } from '#shared/core/try-parse-json.ts';

const Env = s.object({ ISSUER_URLS: s.optional(s.string) });
const urls = s.record(s.url);

/** Reads where providers' servers are when not at the addresses of the policy: `{"<provider>":"<url>"}`; empty by default. */
export function readIssuerUrls(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const { ISSUER_URLS } = parseEnv(Env, env);
  if (ISSUER_URLS === undefined) return {};
  const parsed = urls.safeParse(tryParseJson(ISSUER_URLS));
  if (parsed.success) return parsed.data;
  throw new Fault('config_invalid', 'environment: ISSUER_URLS missing or malformed');
}
