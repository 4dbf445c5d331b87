import * as z from 'zod';
import { fingerprintField, idText } from '../kit/fingerprint-field.ts';

/** What a leaked Dfns token told us: the claims of the JWT, unverified. Hints for a look-up, never a proof. */
export const clueSchema = z.object({
  form: z.literal('dfns'),
  provider: z.literal('dfns'),
  organizationId: idText.exactOptional(),
  tenantId: idText.exactOptional(),
  userId: idText.exactOptional(),
  tokenId: idText.exactOptional(),
  /** Seconds since the epoch. */
  issuedAt: z.number().exactOptional(),
  expiresAt: z.number().exactOptional(),
  /** The token of a login, say: it works, and is none of those that are listed. */
  isOtherKind: z.literal(true).exactOptional(),
  fingerprint: fingerprintField,
});

export type Clue = z.infer<typeof clueSchema>;
