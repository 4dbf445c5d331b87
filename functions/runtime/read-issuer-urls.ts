import * as z from 'zod/mini';
import { parseEnv } from '#shared/core/parse-env.ts';
import { Fault } from '#shared/core/fault.ts';

const Env = z.object({ ISSUER_URLS: z.optional(z.string()) });
const urls = z.record(z.string(), z.url());

/** Reads where providers' servers are when not at the addresses of the policy: `{"<provider>":"<url>"}`; empty by default. */
export function readIssuerUrls(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const { ISSUER_URLS } = parseEnv(Env, env);
  if (ISSUER_URLS === undefined) return {};
  try {
    return urls.parse(JSON.parse(ISSUER_URLS));
  } catch (cause) {
    throw new Fault('config_invalid', 'environment: ISSUER_URLS missing or malformed', { cause });
  }
}
