import * as z from 'zod';
import { fingerprintField } from '../kit/fingerprint-field.ts';

const endFingerprints = z.array(z.string().regex(/^[0-9a-f]{16}$/)).length(5);

/** What a leaked LangSmith key told us. */
export const clueSchema = z.object({
  form: z.literal('langsmith'),
  provider: z.literal('langsmith'),
  kind: z.enum(['pat', 'service-key']),
  /** Keyed fingerprints of the first 4, 5, 6, 7 and 8 characters behind the type prefix, to compare with masked keys. */
  heads: endFingerprints,
  /** The same of the last ones. */
  tails: endFingerprints,
  /** Fingerprint of the UUID that the first 32 hex digits spell, to compare with row ids. */
  rowIdFingerprint: fingerprintField.exactOptional(),
  fingerprint: fingerprintField,
});

export type Clue = z.infer<typeof clueSchema>;
