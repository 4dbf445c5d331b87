import { FAULTS, Fault, type FaultCode } from '#shared/core/fault.ts';
import type { Delivery } from '#shared/tokens/delivery.ts';
import type { ProfileTrouble, Trouble } from '#shared/tokens/outcome.ts';

interface Happened {
  readonly code: FaultCode;
  readonly whose?: string | undefined;
  readonly status?: number | undefined;
}

/** Says whose fault it was and what it said, without a body: "The provider is limiting our calls (dfns-demo, HTTP 429)". */
function whatHappened({ code, whose, status }: Happened): string {
  const consequence = FAULTS[code];
  const words = 'words' in consequence ? consequence.words.replace(/\.$/, '') : 'Something unexpected happened';
  const where = [whose, status === undefined ? undefined : `HTTP ${status}`].filter((part) => part !== undefined);
  return where.length === 0 ? words : `${words} (${where.join(', ')})`;
}

const NEXT: Readonly<Record<Trouble['next'], (attempt: number) => string>> = {
  retrying: (attempt) => (attempt === 1 ? 'Trying again by itself' : `Try ${attempt} failed; trying again by itself`),
  given_up: (attempt) => `Given up after ${attempt} tries: press the button to try again`,
  final: () => 'It is not tried again by itself: mend that, then press the button',
};

/** Tells what the queue makes of a fault at this delivery. */
export function nextOf(fault: Fault, { isLast }: Delivery): Trouble['next'] {
  if (!fault.isRetryable) return 'final';
  return isLast ? 'given_up' : 'retrying';
}

/** Says what comes next, so that nobody waits for something that will not happen. */
export function whatNext(fault: Fault, delivery: Delivery): string {
  return `${NEXT[nextOf(fault, delivery)](delivery.attempt)}.`;
}

/** A case's trouble in words of ours: what happened and what comes next. An error that is no fault is thrown on. */
export function troubleWords(error: unknown, delivery: Delivery, whose?: string): string {
  if (!(error instanceof Fault)) throw error;
  return `${whatHappened({ code: error.code, whose, status: error.status })}. ${whatNext(error, delivery)}`;
}

/** The same for a change that a person asked for and that failed. */
export function failureWords({ fault, profile, status, next, attempt }: Trouble): string {
  return `${whatHappened({ code: fault, whose: profile, status })}. ${NEXT[next](attempt)}.`;
}

/** Tells which profiles could not be searched, so that "no match" says no more than is known. */
export function unreadWords(unread: readonly ProfileTrouble[]): string | undefined {
  if (unread.length === 0) return undefined;
  const parts = unread.map(({ profile, trouble }) =>
    whatHappened({ code: trouble.fault, whose: profile, status: trouble.status }),
  );
  return `Could not be searched: ${parts.join('; ')}.`;
}
