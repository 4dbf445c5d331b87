import type { Case, CaseTrouble, Store } from '#shared/store/store.ts';
import { isFault } from '#shared/core/fault.ts';
import { awaitsKill } from './awaits-kill.ts';
import { atWorkKey } from './case-keys.ts';
import { changeCase } from './keep-case.ts';
import { isSearchPlanned, isUnsearched } from './search-again.ts';

interface GiveUpDeps {
  readonly store: Store;
  readonly now: () => Date;
  /** Plans the next search of a case that could not be searched. */
  readonly planSearch: (kase: Case) => Promise<unknown>;
}

/** Whoever goes on trying touches the case oftener than that. */
const UNTOUCHED_MS = 10 * 60_000;

/**
 * Ends what a case promises of a job that lies in the dead-letter queue: it waits for no other try. What could not be
 * searched is searched again by its own plan. What somebody else may still be at work on is left to them: asked again it is
 * ended when they are not. Repeated it changes nothing.
 */
export async function giveUpCase({ store, now, planSearch }: GiveUpDeps, id: string): Promise<void> {
  const known = await store.cases.get(id);
  if (known === undefined) return;
  if (!isPromising(known, now())) {
    // Its last attempt said how it ended, and may have died, or met trouble, before the next search was planned.
    if (isUnsearched(known) && !isSearchPlanned(known)) await planSearch(known);
    return;
  }
  const end = () =>
    changeCase(store, { id, now: now() }, (current) => (isPromising(current, now()) ? ended(current) : undefined));
  const kase = await store.hold(atWorkKey(id), end, 0).catch(unlessHeld);
  if (kase !== undefined && isUnsearched(kase)) await planSearch(kase);
}

/** A kill is made by whoever holds the case: where nobody does, it is not under way, however lately it was. */
function isPromising({ state, troubles = [], updatedAt }: Case, now: Date): boolean {
  const isUntouched = now.getTime() - Date.parse(updatedAt) > UNTOUCHED_MS;
  return state === 'acting' || (isUntouched && (state === 'received' || troubles.some(isRetried)));
}

function unlessHeld(error: unknown): undefined {
  if (!isFault(error, 'delivery_in_progress')) throw error;
}

/** True for what the queue tries again. */
export function isRetried(trouble: CaseTrouble): boolean {
  return (
    (trouble.kind === 'failed' && trouble.next === 'retrying') ||
    (trouble.kind === 'unconfirmed' && trouble.again?.next === 'retrying')
  );
}

function ended(kase: Case): Case {
  const troubles = (kase.troubles ?? []).map(givenUp);
  if (!awaitsKill(kase)) return { ...kase, troubles };
  // Its process died without a word: what became of it is not known.
  const untold = { kind: 'failed', fault: 'internal_error', next: 'given_up', attempt: 0 } as const;
  const state = kase.token === undefined ? 'unsearched' : 'not_revoked';
  return { ...kase, state, troubles: troubles.length === 0 ? [untold] : troubles };
}

function givenUp(trouble: CaseTrouble): CaseTrouble {
  if (!isRetried(trouble)) return trouble;
  if (trouble.kind === 'failed') return { ...trouble, next: 'given_up' };
  return trouble.kind === 'unconfirmed' && trouble.again !== undefined
    ? { ...trouble, again: { ...trouble.again, next: 'given_up' } }
    : trouble;
}
