import * as z from 'zod';
import { Fault } from '#shared/core/fault.ts';
import { parseStoredJson } from '#shared/core/parse-stored-json.ts';
import type { ProviderName } from '#shared/core/vocabulary.ts';
import type { Client, Credential } from './client.ts';
import { client as dfns } from './dfns/client.ts';
import { parseFields } from './kit/parse-fields.ts';
import { client as langsmith } from './langsmith/client.ts';
import type { Provider, ProviderDeps } from './provider.ts';

/** The client of every provider: for workers and `setup`, never for an edge. Read when it is asked, never before. */
export const CLIENTS: Readonly<Record<ProviderName, Client>> = {
  dfns,
  langsmith,
};

/** With the line breaks inside of texts escaped, as they should be. */
function escapeBreaks(text: string): string {
  return text.replaceAll(/"(?:[^"\\]|\\[\s\S])*"/g, (quoted) => quoted.replaceAll('\r', '\\r').replaceAll('\n', '\\n'));
}

function parseSecretText(profile: string, json: string): unknown {
  const value = parseStoredJson(json);
  if (value !== undefined) return value;
  const isBroken = parseStoredJson(escapeBreaks(json)) !== undefined;
  const why = isBroken ? ': a line break stands inside a text; write it as \\n' : '';
  throw new Fault('config_invalid', `profile ${profile}: its secret is not JSON${why}`);
}

/**
 * Reads the JSON that a profile's secret holds. Unknown fields are ignored. Throws `config_invalid` whose detail names the
 * profile and every field that is missing or wrong, and never a value.
 */
export function parseCredential(profile: string, json: string): Credential {
  const fields = parseSecretText(profile, json);
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    throw new Fault('config_invalid', `profile ${profile}: its secret is not a JSON object`);
  }
  const names = Object.keys(CLIENTS) as ProviderName[];
  const { provider } = parseFields(profile, z.object({ provider: z.enum(names) }), fields);
  return CLIENTS[provider].readCredential(profile, fields);
}

/** Opens the port to the provider that the credential is for. Makes no call. */
export function createProvider(credential: Credential, deps: ProviderDeps): Provider {
  return CLIENTS[credential.provider].open(credential, deps);
}
