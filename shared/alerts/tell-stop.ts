import { awaitsKill } from '#shared/cases/awaits-kill.ts';
import { atWorkKey } from '#shared/cases/case-keys.ts';
import { type CaseEffects, followCases, type KnownCase } from '#shared/cases/follow-cases.ts';
import { changeCase } from '#shared/cases/keep-case.ts';
import { isUnsearched } from '#shared/cases/search-again.ts';
import { failureOf } from '#shared/cases/trouble-of-change.ts';
import { Fault, type FaultCode, isFault } from '#shared/core/fault.ts';
import type { Case, Store } from '#shared/store/store.ts';
import type { Delivery } from '#shared/tokens/delivery.ts';

interface TellStopDeps extends Pick<CaseEffects, 'show' | 'planLook'> {
  readonly store: Store;
  readonly now: () => Date;
  /** Plans the next search of a case that could not be searched, or whose kill was decided and not made. */
  readonly planSearch: (kase: Case) => Promise<unknown>;
}

interface Stop {
  readonly error: unknown;
  readonly delivery: Delivery;
  /** What this run has written of the case last. */
  readonly last?: KnownCase | undefined;
  /** True where the work itself had come to its end, and the telling was stopped. */
  readonly isTelling?: boolean;
}

/** True for what the queue does not try again. */
export function isSpent(error: unknown): boolean {
  return isFault(error) && !error.isRetryable;
}

/**
 * Ends a job that was stopped: a kill that was decided, or was still to be, and that the queue does not try again, is planned to
 * be, and the card shows what stopped it and when that is. Of a job that would be dropped now nobody would ever plan or tell what could not be:
 * then that is given, so that the queue brings the job back.
 */
export async function tellStop(deps: TellStopDeps, id: string, stop: Stop): Promise<unknown> {
  const { error, delivery, last } = stop;
  const isFinal = delivery.isLast || isSpent(error);
  // A kill whose end nobody could read may have happened: whoever looks later puts it on record.
  const planLook = isFinal ? deps.planLook : async () => {};
  try {
    if (stop.isTelling !== true && isFinal) await endWaiting(deps, id, stop);
    const kase = isFinal ? await deps.store.cases.get(id) : undefined;
    const isPlanned = kase !== undefined && isUnsearched(kase);
    if (isPlanned) await deps.planSearch(kase);
    const effects = { show: deps.show, answerBack: async () => {}, planLook };
    await followCases(effects, [id], isPlanned ? {} : { ...last, id });
  } catch (untold) {
    return isFinal && !delivery.isLast && !isSpent(untold) ? untold : undefined;
  }
  return undefined;
}

/** In which no profile has a part. */
const OURS = ['store_unavailable', 'delivery_in_progress', 'internal_error'] as const satisfies readonly FaultCode[];

/** A case that waits for what its job would have made of it waits no more, unless somebody else is at work on it. */
async function endWaiting({ store, now }: TellStopDeps, id: string, { error, delivery }: Stop): Promise<void> {
  const fault = isFault(error) ? error : new Fault('internal_error', 'no fault', { cause: error });
  const end = () =>
    changeCase(store, { id, now: now() }, (kase) =>
      awaitsKill(kase)
        ? {
            ...kase,
            state: kase.token === undefined ? 'unsearched' : 'not_revoked',
            troubles: [failureOf(fault, delivery, isFault(fault, ...OURS) ? undefined : kase.token?.profile)],
          }
        : undefined,
    );
  const known = await store.cases.get(id);
  if (known === undefined || !awaitsKill(known)) return;
  await store.hold(atWorkKey(id), end, 0).catch((held: unknown) => {
    if (!isFault(held, 'delivery_in_progress')) throw held;
  });
}
