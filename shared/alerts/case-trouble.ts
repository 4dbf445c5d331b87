import { FAULTS, Fault } from '#shared/core/fault.ts';
import type { ProfileTrouble } from '#shared/tokens/outcome.ts';

/** One delivery of the job that a case is worked on for. */
export interface Delivery {
  /** 1 on the first. */
  readonly attempt: number;
  /** True when the queue will not deliver it again. */
  readonly isLast: boolean;
}

/** Says whose fault it was and what it said, without a body: "The provider is limiting our calls (dfns-demo, HTTP 429)." */
function whatHappened(fault: Fault, profile?: string): string {
  const words = wordsOf(fault.code) ?? 'Something unexpected happened.';
  const where = [profile, fault.status === undefined ? undefined : `HTTP ${fault.status}`].filter(
    (part) => part !== undefined,
  );
  return where.length === 0 ? words : `${words.replace(/\.$/, '')} (${where.join(', ')}).`;
}

function wordsOf(code: Fault['code']): string | undefined {
  const consequence = FAULTS[code];
  return 'words' in consequence ? consequence.words : undefined;
}

/** Says what comes next, so that nobody waits for something that will not happen. */
export function whatNext(fault: Fault, { attempt, isLast }: Delivery): string {
  if (!fault.isRetryable) return 'It is not tried again by itself: mend that, then press the button.';
  if (isLast) return `Given up after ${attempt} tries: press the button to try again.`;
  return attempt === 1 ? 'Trying again by itself.' : `Trying again by itself (try ${attempt} has failed).`;
}

/** A case's trouble in words of ours: what happened and what comes next. An error that is no fault is thrown on. */
export function troubleWords(error: unknown, delivery: Delivery, profile?: string): string {
  if (!(error instanceof Fault)) throw error;
  return `${whatHappened(error, profile)} ${whatNext(error, delivery)}`;
}

/** Tells which profiles could not be searched, so that "no match" says no more than is known. */
export function unreadWords(unread: readonly ProfileTrouble[]): string | undefined {
  if (unread.length === 0) return undefined;
  const parts = unread.map(({ profile, trouble }) => {
    const words = wordsOf(trouble.fault)?.replace(/\.$/, '').toLowerCase() ?? 'something unexpected happened';
    return `${profile} (${words}${trouble.status === undefined ? '' : `, HTTP ${trouble.status}`})`;
  });
  return `Could not be searched: ${parts.join(', ')}.`;
}
