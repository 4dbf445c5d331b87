import pLimit from 'p-limit';
import { asError } from '#shared/core/as-error.ts';
import { isFault } from '#shared/core/fault.ts';
import type { Case } from '#shared/store/store.ts';

const AT_ONCE = 8;

/** What whoever follows a case knows of it, so that it is not read again. */
export interface KnownCase {
  /** As this very run has written it last, with something to show. Whoever changes it after that follows it themselves. */
  readonly written?: Case;
  /** True where this run has opened it, so that it has told nobody anything. */
  readonly isOpened?: boolean;
  /** The profile of its token: what the brake holds back there is read beside it. */
  readonly profile?: string;
}

/** What follows from a change of a case. All of it is safe to repeat, also for a case that is not there. */
export interface CaseEffects {
  /** Brings the card up to date. */
  readonly show: (caseId: string, known?: KnownCase) => Promise<void>;
  /** Answers the alerts that are owed an answer. */
  readonly answerBack: (caseId: string, written?: Case) => Promise<void>;
  /** Plans the next look at a token. */
  readonly planLook: (caseId: string, written?: Case) => Promise<void>;
}

/**
 * Brings the cards of these cases up to date, answers their alerts and plans looks at their tokens, none waiting for another. What is worth another try
 * is thrown first, after all were tried: whoever calls this has said and remembered everything else by then, so that the
 * queue repeats the telling alone.
 */
export async function followCases(
  { show, answerBack, planLook }: CaseEffects,
  ids: readonly string[],
  known: KnownCase & { readonly id?: string } = {},
): Promise<void> {
  const limit = pLimit(AT_ONCE);
  const settled = await Promise.allSettled(
    [...new Set(ids)].flatMap((id) => {
      const what = known.id === id ? known : {};
      const effects = [() => show(id, what), () => answerBack(id, what.written), () => planLook(id, what.written)];
      return effects.map((effect) => limit(effect));
    }),
  );
  const failures = settled.flatMap((result) => (result.status === 'rejected' ? [asError(result.reason)] : []));
  const worst = failures.find((error) => !isFault(error) || error.isRetryable) ?? failures[0];
  if (worst !== undefined) throw worst;
}
