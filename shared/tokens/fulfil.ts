import { isFault } from '#shared/core/fault.ts';
import type { Actor } from '#shared/core/vocabulary.ts';
import { changeMany } from './bulk.ts';
import { auditEntry, changeToken } from './change.ts';
import type { Outcome } from './outcome.ts';
import type { Desk } from './run.ts';
import { troubleOf } from './trouble.ts';
import { reasonOf, type Wish } from './wish.ts';

/** Does what was confirmed and approved. One token's retryable fault ends as `retrying`: the queue brings the job back. */
export async function fulfil(
  { services, run }: Pick<Desk, 'services' | 'run'>,
  wish: Wish,
  by: { readonly rule: string; readonly approvedBy: readonly Actor[] },
): Promise<Outcome> {
  const [first, ...others] = wish.tokens;
  if (first === undefined || others.length > 0) return changeMany(services, run, { ...wish, ...by });
  const request = {
    ref: { profile: first.profile, id: first.id },
    verb: wish.verb,
    by: wish.requester,
    journal: run.journal,
    rule: by.rule,
    requestedAt: run.requestedAt,
    approvedBy: by.approvedBy,
    ...reasonOf(wish),
    ...(wish.caseId === undefined ? {} : { caseId: wish.caseId }),
  };
  try {
    return await changeToken(services, request);
  } catch (error) {
    // Without a record nothing may be said: the whole job is tried again.
    if (!isFault(error) || isFault(error, 'store_unavailable') || isFault(error, 'delivery_in_progress')) throw error;
    const provider = services.providers.kindOf(first.profile);
    const of = { profile: first.profile, ...(provider === undefined ? {} : { provider }) };
    const trouble = troubleOf(error, {
      next: error.isRetryable ? 'retrying' : 'final',
      attempt: run.journal.attempt,
      ...of,
    });
    const change = { kind: 'failed', verb: wish.verb, ref: request.ref, name: first.name, trouble } as const;
    if (!error.isRetryable) await services.store.audit.append(auditEntry(services, request, change));
    return change;
  }
}
