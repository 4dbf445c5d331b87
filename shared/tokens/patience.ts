import { Fault, isFault } from '#shared/core/fault.ts';
import type { Attempt } from './attempt.ts';
import type { Services } from './services.ts';

/** Nothing new is begun with less time than this: one change takes seconds where a provider is slow, and so do the words. */
export const LAST_CALL_MS = 25_000;
/** The published limits count calls per minute: a minute after nothing went through any more, something else is wrong. */
const LIMIT_WAIT_MS = 61_000;
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 15_000;

/** How long a run waits for a provider's limit. */
export interface Patience {
  /** Waits when a provider limits our calls, and tells whether to try again. */
  outlasts(error: unknown, tries: number): Promise<boolean>;
  /** Something has gone through: whoever is refused after that waits anew. */
  renew(): void;
}

/** Creates the patience of one long run: it waits a minute for anything to go through, and never into the end of the function. */
export function createPatience({ now, sleep }: Services, { timeLeftMs }: Attempt): Patience {
  let until: number | undefined;
  const outlasts: Patience['outlasts'] = async (error, tries) => {
    if (!isFault(error, 'provider_rate_limited')) return false;
    until ??= now().getTime() + LIMIT_WAIT_MS;
    const doubled = Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS);
    const pause = Math.max(doubled, (error.retryAfterSeconds ?? 0) * 1000);
    if (now().getTime() + pause > until) return false;
    if (timeLeftMs !== undefined && timeLeftMs() - pause < LAST_CALL_MS) {
      throw new Fault('delivery_in_progress', 'no time to wait for a limit');
    }
    await sleep(pause);
    return true;
  };
  const renew = (): void => {
    until = undefined;
  };
  return { outlasts, renew };
}
