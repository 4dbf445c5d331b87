import pLimit from 'p-limit';
import { asError } from '#shared/core/as-error.ts';
import { isFault } from '#shared/core/fault.ts';
import type { Store } from '#shared/store/store.ts';
import { readLiveCase } from './merge-cases.ts';

const AT_ONCE = 8;

/** What follows from a change of a case. All of it is safe to repeat, also for a case that is not there. */
export interface CaseEffects {
  /** Brings the card up to date. */
  readonly show: (caseId: string) => Promise<void>;
  /** Answers the alerts that are owed an answer. */
  readonly answerBack: (caseId: string) => Promise<void>;
  /** Plans the next look at a token that is dead. */
  readonly planLook: (caseId: string) => Promise<void>;
}

/**
 * Brings the cards of these cases up to date, answers their alerts and plans looks at the dead, none waiting for another. What is worth another try
 * is thrown first, after all were tried: whoever calls this has said and remembered everything else by then, so that the
 * queue repeats the telling alone.
 */
export async function followCases({ show, answerBack, planLook }: CaseEffects, ids: readonly string[]): Promise<void> {
  const limit = pLimit(AT_ONCE);
  const settled = await Promise.allSettled(
    [...new Set(ids)].flatMap((id) => [limit(() => show(id)), limit(() => answerBack(id)), limit(() => planLook(id))]),
  );
  const failures = settled.flatMap((result) => (result.status === 'rejected' ? [asError(result.reason)] : []));
  const worst = failures.find((error) => !isFault(error) || error.isRetryable) ?? failures[0];
  if (worst !== undefined) throw worst;
}

/** Goes on telling what an earlier attempt at a planned search has found, where that could not tell all of it. Safe to repeat. */
export async function followSearch(effects: CaseEffects & { readonly store: Store }, caseId: string): Promise<void> {
  const live = await readLiveCase(effects.store, caseId);
  if (live !== undefined) await followCases(effects, [caseId, live.id]);
}
