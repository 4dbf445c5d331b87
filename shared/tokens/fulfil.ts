import { isFault } from '#shared/core/fault.ts';
import type { Actor } from '#shared/core/vocabulary.ts';
import { changeMany } from './bulk.ts';
import { changeToken, failedChange } from './change.ts';
import type { Context } from './context.ts';
import type { Outcome } from './outcome.ts';
import { reasonOf, type Wish } from './wish.ts';

/** Does what was confirmed and approved. One token's retryable fault ends as `retrying`: the queue brings the job back. */
export async function fulfil(
  { services, attempt }: Pick<Context, 'services' | 'attempt'>,
  wish: Wish,
  by: { readonly rule: string; readonly approvedBy: readonly Actor[] },
): Promise<Outcome> {
  const [first, ...others] = wish.tokens;
  if (first === undefined || others.length > 0) return changeMany(services, attempt, { ...wish, ...by });
  const request = {
    ref: { profile: first.profile, id: first.id },
    verb: wish.verb,
    by: wish.requester,
    journal: attempt.journal,
    rule: by.rule,
    requestedAt: attempt.requestedAt,
    approvedBy: by.approvedBy,
    ...reasonOf(wish),
    ...(wish.caseId === undefined ? {} : { caseId: wish.caseId }),
  };
  try {
    return await changeToken(services, request);
  } catch (error) {
    // Without a record nothing may be said: the whole job is tried again.
    if (!isFault(error) || isFault(error, 'store_unavailable') || isFault(error, 'delivery_in_progress')) throw error;
    const next = error.isRetryable ? 'retrying' : 'final';
    return failedChange(services, request, { error, name: first.name, next });
  }
}
