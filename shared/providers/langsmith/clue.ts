import * as z from 'zod';
import { fingerprintField } from '../kit/fingerprint-field.ts';

/** What a leaked LangSmith key told us. */
export const clueSchema = z.object({
  form: z.literal('langsmith'),
  provider: z.literal('langsmith'),
  kind: z.enum(['pat', 'service-key']),
  /** First characters: the type prefix `lsv2_pt_` and at most 8 more. */
  head: z.string().max(16),
  /** At most the last 8 characters. */
  tail: z.string().max(8),
  length: z.number().int(),
  /** Fingerprint of the UUID that the first 32 hex digits spell, to compare with row ids. */
  rowIdFingerprint: fingerprintField.exactOptional(),
  fingerprint: fingerprintField,
});

export type Clue = z.infer<typeof clueSchema>;
