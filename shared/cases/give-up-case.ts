import type { Case, CaseTrouble, Store } from '#shared/store/store.ts';
import { changeCase } from './keep-case.ts';
import { isUnsearched } from './search-again.ts';

interface GiveUpDeps {
  readonly store: Store;
  readonly now: () => Date;
  /** Plans the next search of a case that could not be searched. */
  readonly planSearch: (kase: Case) => Promise<void>;
}

/** A job is no dead letter before its last delivery is that old: whoever touched the case since then is at work on it. */
const UNTOUCHED_MS = 10 * 60_000;

/**
 * Ends what a case promises of a job that lies in the dead-letter queue: it waits for no other try. What could not be
 * searched is searched again by its own plan. Repeated it changes nothing.
 */
export async function giveUpCase({ store, now, planSearch }: GiveUpDeps, id: string): Promise<void> {
  const known = await store.cases.get(id);
  if (known === undefined || !isPromising(known, now())) return;
  const kase = await changeCase(store, { id, now: now() }, (current) =>
    isPromising(current, now()) ? ended(current) : undefined,
  );
  if (isUnsearched(kase)) await planSearch(kase);
}

function isPromising({ state, troubles = [], updatedAt }: Case, now: Date): boolean {
  const isUntouched = now.getTime() - Date.parse(updatedAt) > UNTOUCHED_MS;
  return isUntouched && (state === 'received' || state === 'acting' || troubles.some(isRetried));
}

function isRetried(trouble: CaseTrouble): boolean {
  return (
    (trouble.kind === 'failed' && trouble.next === 'retrying') ||
    (trouble.kind === 'unconfirmed' && trouble.again?.next === 'retrying')
  );
}

function ended(kase: Case): Case {
  const troubles = (kase.troubles ?? []).map(givenUp);
  const isAtWork = kase.state === 'received' || kase.state === 'acting';
  if (!isAtWork) return { ...kase, troubles };
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
