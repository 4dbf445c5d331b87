import { defined } from '#shared/core/defined.ts';
import { Fault, isFault } from '#shared/core/fault.ts';
import type { CaseTrouble, Failure } from '#shared/store/store.ts';
import type { Delivery } from '#shared/tokens/delivery.ts';
import type { Change } from '#shared/tokens/outcome.ts';
import type { ProfileTrouble } from '#shared/tokens/trouble.ts';
import { whyRefused } from '#shared/tokens/why-refused.ts';

/** Tells what the queue makes of a fault at this delivery. */
export function againOf(fault: Fault, { attempt, isLast }: Delivery): Pick<Failure, 'next' | 'attempt'> {
  const next = isLast ? 'given_up' : 'retrying';
  return { next: fault.isRetryable ? next : 'final', attempt };
}

/** A kill that the read does not confirm is tried again: it is retryable for the queue, and told until then. */
export function unconfirmed(change: Extract<Change, { kind: 'unconfirmed' }>): Fault {
  return new Fault('provider_unavailable', `${change.token.profile}: accepted, not confirmed by a fresh read`);
}

/** The trouble that a fault is to a case. An error that is no fault is thrown on. */
export function failureOf(error: unknown, delivery: Delivery, whose?: string): CaseTrouble {
  if (!(error instanceof Fault)) throw error;
  return {
    kind: 'failed',
    fault: error.code,
    ...againOf(error, delivery),
    ...defined({ whose, status: error.status, quoted: error.quoted }),
  };
}

/** What a kill that ended in a fault is to its case, and what its queue hears. An error that is no fault is thrown on. */
export function failedKill(
  error: unknown,
  delivery: Delivery,
  profile?: string,
): { readonly trouble: CaseTrouble; readonly thrown: Fault } {
  const trouble = failureOf(error, delivery, profile);
  const thrown = asRetried(error);
  return { trouble: { ...trouble, ...againOf(thrown, delivery) }, thrown };
}

/**
 * A page in the place of an answer to a kill says neither that it was made nor that it never will be: something in between gave
 * it. A leaked token is not left alive for that; the queue tries it again, and the case says what answered.
 */
function asRetried(error: unknown): Fault {
  if (!isFault(error)) throw error;
  return isFault(error, 'provider_unreached')
    ? new Fault('provider_unavailable', error.detail, defined({ status: error.status, cause: error }))
    : error;
}

/** The profiles that could not be searched, so that "no match" says no more than is known. */
export function unreadOf(unread: readonly ProfileTrouble[]): readonly CaseTrouble[] {
  if (unread.length === 0) return [];
  const profiles = unread.map(({ profile, trouble: { fault, status } }) => ({
    fault,
    whose: profile,
    ...defined({ status }),
  }));
  return [{ kind: 'unread', profiles }];
}

/** Why a change did not happen. */
export function troubleOfChange(change: Exclude<Change, { kind: 'changed' }>): CaseTrouble {
  switch (change.kind) {
    case 'waiting_on_provider':
      return { kind: 'waiting', answer: change.answer, ...defined({ askedAt: change.askedAt }) };
    case 'unsupported':
      return { kind: 'unsupported', verb: change.verb, answer: change.answer };
    case 'refused':
      return { kind: 'refused', ...whyRefused(change) };
    case 'not_found':
      return { kind: 'not_found' };
    case 'unconfirmed':
      return { kind: 'unconfirmed', read: change.read };
    case 'failed': {
      const { fault, profile, status, quoted, next, attempt } = change.trouble;
      return { kind: 'failed', fault, next, attempt, ...defined({ whose: profile, status, quoted }) };
    }
  }
}
