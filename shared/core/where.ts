import * as z from 'zod';

/** Where a secret was found, as its finder tells it: foreign text, scrubbed of secrets before it is kept. */
export const whereSchema = z.object({
  /** What kind of place, in the finder's word: `issue_comment`. */
  kind: z.string().max(100).exactOptional(),
  url: z.string().max(2000).exactOptional(),
  repository: z.string().max(300).exactOptional(),
  path: z.string().max(1000).exactOptional(),
  commit: z.string().max(100).exactOptional(),
  author: z.string().max(300).exactOptional(),
});
export type Where = Readonly<z.infer<typeof whereSchema>>;
