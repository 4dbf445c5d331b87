import * as z from 'zod';
import { PROVIDER_NAMES } from '#shared/core/vocabulary.ts';
import { clueSchema as dfns } from './dfns/clue.ts';
import { fingerprintField, idText } from './kit/fingerprint-field.ts';
import { clueSchema as langsmith } from './langsmith/clue.ts';

const provider = z.enum(PROVIDER_NAMES);

/** A trusted sender named the token by the provider's own id. */
const namedClueSchema = z.object({
  form: z.literal('named'),
  provider: provider.exactOptional(),
  profile: idText.exactOptional(),
  tokenId: idText,
});

/** Only a hash is known; it is compared with the secrets the owner has marked for watching. */
const hashedClueSchema = z.object({
  form: z.literal('hashed'),
  provider: provider.exactOptional(),
  fingerprint: fingerprintField.exactOptional(),
  /** Keyed fingerprint of GitGuardian's scrypt hash, which has a public salt. */
  hmsl: fingerprintField.exactOptional(),
});

/** Every form of a clue, as it crosses a queue: a provider's own form stands in its folder, and its line here. */
export const clueSchema = z.discriminatedUnion('form', [dfns, langsmith, namedClueSchema, hashedClueSchema]);

/**
 * What a leaked secret told us, once the secret itself is gone. `fingerprint` is HMAC-SHA256 (hex) of the secret under the
 * key from Secrets Manager, `hmsl` the same of GitGuardian's scrypt hash; neither gives the secret back.
 */
export type Clue = z.infer<typeof clueSchema>;
