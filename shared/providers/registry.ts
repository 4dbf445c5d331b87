import * as z from 'zod';
import { Fault } from '#shared/core/fault.ts';
import { PROVIDER_NAMES } from '#shared/core/vocabulary.ts';
import { parseFields } from './credential-fields.ts';
import { type DfnsCredential, parseDfnsCredential } from './dfns/credential.ts';
import { createDfns } from './dfns/index.ts';
import { type LangsmithCredential, parseLangsmithCredential } from './langsmith/credential.ts';
import { createLangsmith } from './langsmith/index.ts';
import type { Provider, ProviderDeps } from './provider.ts';

/** One profile's credential, read and checked. Printing it shows no secret. */
export type Credential = DfnsCredential | LangsmithCredential;

function parseJson(profile: string, json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // The parser's message quotes the text.
    throw new Fault('config_invalid', `profile ${profile}: its secret is not JSON`);
  }
}

/**
 * Reads the JSON that a profile's secret holds. Unknown fields are ignored. Throws `config_invalid` whose detail names the
 * profile and every field that is missing or wrong, and never a value.
 */
export function parseCredential(profile: string, json: string): Credential {
  const fields = parseJson(profile, json);
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    throw new Fault('config_invalid', `profile ${profile}: its secret is not a JSON object`);
  }
  const { provider } = parseFields(profile, z.object({ provider: z.enum(PROVIDER_NAMES) }), fields);
  switch (provider) {
    case 'dfns':
      return parseDfnsCredential(profile, fields);
    case 'langsmith':
      return parseLangsmithCredential(profile, fields);
  }
}

/** Opens the port to the provider that the credential is for. Makes no call. */
export function createProvider(credential: Credential, deps: ProviderDeps): Provider {
  switch (credential.provider) {
    case 'dfns':
      return createDfns(credential, deps);
    case 'langsmith':
      return createLangsmith(credential, deps);
  }
}
