import * as z from 'zod';

const count = z.number().int().positive();

/**
 * One thing that Patrol has to say of a report beside what its sender told. Closed: a new one does not compile until it has
 * words, which are chosen when it is shown.
 */
export const remarkSchema = z.discriminatedUnion('kind', [
  /** Its delivery told so many places of this one token. */
  z.object({ kind: z.literal('places'), count }),
  /** The scanner itself showed the secret to its issuer, and it worked. */
  z.object({ kind: z.literal('tried') }),
  /** The sender's message never holds the secret. */
  z.object({ kind: z.literal('withheld') }),
  z.object({ kind: z.literal('in_unread_record') }),
  /** So many findings hold no secret of a form that we know. */
  z.object({ kind: z.literal('unknown_forms'), count }),
  z.object({ kind: z.literal('unread_records'), count }),
  /** A report of so many findings was refused, because it had more than `most`. */
  z.object({ kind: z.literal('refused_for_size'), count, most: count }),
  /** It was found among the sender's open alerts, and no message told it. */
  z.object({ kind: z.literal('never_told') }),
]);
export type Remark = Readonly<z.infer<typeof remarkSchema>>;
