import type { Store } from '#shared/store/store.ts';
import { auditFile } from '../blocks/render-audit.ts';
import type { Reply } from '../reply.ts';
import type { Answer } from './answer.ts';
import type { Request } from './request.ts';

/**
 * Uploads a record that was asked for as a file, once; every other answer is left as it is. Only the number of its entries
 * is kept in the answer, since a year of them fits into no item of the store.
 */
export async function uploadAudit(
  { store, reply }: { readonly store: Store; readonly reply: Reply },
  { job, place }: Request,
  answer: Answer,
): Promise<Answer> {
  const { outcome } = answer;
  const { channel } = place;
  if (outcome.kind !== 'audited' || outcome.file === undefined || channel === undefined) return answer;
  const { file: format, entries } = outcome;
  const { value: sent } = await store.remember(`file:${job.deliveryKey}`, () =>
    reply.upload(
      { channel, userId: place.userId },
      {
        filename: `patrol-audit.${format}`,
        title: `Audit record, ${entries.length} entries`,
        content: auditFile(entries, format),
        comment: `The record as a file: ${entries.length} entries.`,
      },
    ),
  );
  const sentAlone = sent.channel !== channel;
  return { ...answer, outcome: { ...outcome, entries: [], filed: entries.length, sentAlone } };
}
