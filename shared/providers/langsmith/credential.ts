import * as z from 'zod';
import { defined } from '#shared/core/defined.ts';
import { Fault } from '#shared/core/fault.ts';
import type { Secret } from '#shared/core/secret.ts';
import { baseUrlField, headerSecretField, idField, parseFields } from '../kit/parse-fields.ts';

/** What Patrol calls LangSmith with. */
export interface Credential {
  readonly provider: 'langsmith';
  /** Without a trailing `/api` or `/api/v1`. */
  readonly baseUrl: URL;
  readonly apiKey: Secret;
  /** Sent with every call where it is known. */
  readonly organizationId?: string;
  /** Whose tokens are listed: the key's own user's, or every member's (needs an Organization Admin's key). */
  readonly scope: 'own' | 'organization';
  readonly userId?: string;
}

const schema = z.object({
  // People configure LANGSMITH_ENDPOINT with these on its end, and LangSmith's own SDKs take them off as well.
  baseUrl: baseUrlField.transform((url) => {
    url.pathname = url.pathname.replace(/\/api(?:\/v1)?$/, '').replace(/\/+$/, '');
    return url;
  }),
  apiKey: headerSecretField,
  organizationId: idField.optional(),
  scope: z.enum(['own', 'organization']).default('own'),
  orgId: idField.optional(),
  userId: idField.optional(),
});

/** Reads a LangSmith credential. Throws `config_invalid` with the field's name. */
export function parseLangsmithCredential(profile: string, fields: unknown): Credential {
  const { orgId, organizationId, userId, ...rest } = parseFields(profile, schema, fields);
  if (orgId !== undefined && organizationId !== undefined && orgId !== organizationId) {
    throw new Fault('config_invalid', `profile ${profile}: organizationId is another organisation than orgId`);
  }
  const organization = organizationId ?? orgId;
  return {
    provider: 'langsmith',
    ...rest,
    ...defined({ organizationId: organization, userId }),
  };
}
