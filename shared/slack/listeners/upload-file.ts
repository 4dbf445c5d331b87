import type { Services } from '#shared/tokens/services.ts';
import type { Outcome, SentAlone } from '#shared/tokens/outcome.ts';
import { auditFile } from '../blocks/render-audit.ts';
import { count } from '../blocks/text.ts';
import { tokenFile } from '../blocks/token-file.ts';
import type { Reply, UploadedFile } from '../reply.ts';
import { isOverheard } from '../is-overheard.ts';
import type { Answer } from './answer.ts';
import type { Request } from './request.ts';

/** A file that was asked for, and the answer that goes with it once it is sent. */
interface Wanted {
  readonly file: UploadedFile;
  readonly sent: (how: { readonly sentAlone?: SentAlone }) => Outcome;
}

/**
 * Uploads a record or a list that was asked for as a file, once; every other answer is left as it is. Only the number of
 * its rows is kept in the answer, since a year of them fits into no item of the store.
 */
export async function uploadFile(
  { services, reply }: { readonly services: Pick<Services, 'store' | 'policy'>; readonly reply: Reply },
  { job, place }: Request,
  answer: Answer,
): Promise<Answer> {
  const { channel } = place;
  const wanted = fileIn(answer.outcome);
  if (wanted === undefined || channel === undefined) return answer;
  const isDiscreet = answer.to === 'me' || isOverheard(services.policy, channel);
  const { value: sent } = await services.store.remember(`file:${job.deliveryKey}`, () =>
    reply.upload({ channel, userId: place.userId, ...(isDiscreet && { alone: true }) }, wanted.file),
  );
  const why = isDiscreet ? 'discreet' : 'refused';
  return { ...answer, outcome: wanted.sent(sent.channel === channel ? {} : { sentAlone: why }) };
}

function fileIn(outcome: Outcome): Wanted | undefined {
  if (outcome.kind === 'audited' && outcome.file !== undefined) {
    const { file: format, entries } = outcome;
    return {
      file: {
        filename: `patrol-audit.${format}`,
        title: `Audit record, ${entries.length} entries`,
        content: auditFile(entries, format),
        comment: `The record as a file: ${entries.length} entries.`,
      },
      sent: (how) => ({ ...outcome, entries: [], filed: entries.length, ...how }),
    };
  }
  if (outcome.kind !== 'listed' || outcome.file === undefined) return undefined;
  const { file: format, tokens } = outcome;
  return {
    file: {
      filename: `patrol-tokens.${format}`,
      title: `Tokens, ${tokens.length} rows`,
      content: tokenFile(tokens, format),
      comment: `The list as a file: ${count(tokens.length, 'token')}.`,
    },
    sent: (how) => ({ ...outcome, tokens: [], ...how }),
  };
}
