import pLimit from 'p-limit';
import { asError } from '#shared/core/as-error.ts';
import { isFault } from '#shared/core/fault.ts';
import type { Case } from '#shared/store/store.ts';

const AT_ONCE = 8;

/**
 * What follows from a change of a case. All of it is safe to repeat, also for a case that is not there. Whoever has opened the
 * case in this very run gives it as it has written it last: `opened`.
 */
export interface CaseEffects {
  /** Brings the card up to date. */
  readonly show: (caseId: string, opened?: Case) => Promise<void>;
  /** Answers the alerts that are owed an answer. */
  readonly answerBack: (caseId: string, opened?: Case) => Promise<void>;
  /** Plans the next look at a token. */
  readonly planLook: (caseId: string, opened?: Case) => Promise<void>;
}

/**
 * Brings the cards of these cases up to date, answers their alerts and plans looks at their tokens, none waiting for another. What is worth another try
 * is thrown first, after all were tried: whoever calls this has said and remembered everything else by then, so that the
 * queue repeats the telling alone.
 */
export async function followCases(
  { show, answerBack, planLook }: CaseEffects,
  ids: readonly string[],
  opened?: Case,
): Promise<void> {
  const limit = pLimit(AT_ONCE);
  const settled = await Promise.allSettled(
    [...new Set(ids)].flatMap((id) => {
      const known = opened?.id === id ? opened : undefined;
      return [show, answerBack, planLook].map((effect) => limit(() => effect(id, known)));
    }),
  );
  const failures = settled.flatMap((result) => (result.status === 'rejected' ? [asError(result.reason)] : []));
  const worst = failures.find((error) => !isFault(error) || error.isRetryable) ?? failures[0];
  if (worst !== undefined) throw worst;
}
