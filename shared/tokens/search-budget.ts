import { Fault } from '#shared/core/fault.ts';
import type { Services } from './services.ts';

/** What of a provider's published limit searches for leaked secrets may use; the rest is its owner's. */
export interface SearchBudget {
  /** Counts a call of a profile. Never throws: a call that is under way is not stopped. */
  spend(profile: string): Promise<void>;
  /** Throws `provider_rate_limited`, with the seconds to wait, where a profile's share of this minute is used up. */
  check(profile: string): void;
}

interface BudgetDeps extends Pick<Services, 'now'> {
  readonly notes: Services['store']['notes'];
  readonly callsPerMinute: (profile: string) => number;
}

/** More than half is left, also when every process uses up what it has for free. */
const SHARE = 1 / 3;
/** How many calls a process takes out of the share at a time. */
const BLOCK = 20;
/** So many calls of a process and minute cost no look at the table: a usual kill takes six. */
const FREE = 10;
const MINUTE_MS = 60_000;

interface Spent {
  readonly minute: number;
  calls: number;
  granted: number;
  place: number;
  isUsedUp: boolean;
}

/** Makes the budget that all processes share by claims in the table; where that cannot be reached, nothing is held back. */
export function createSearchBudget({ notes, now, callsPerMinute }: BudgetDeps): SearchBudget {
  const spent = new Map<string, Spent>();
  const of = (profile: string): Spent => {
    const minute = Math.floor(now().getTime() / MINUTE_MS);
    const known = spent.get(profile);
    if (known?.minute === minute) return known;
    const fresh = { minute, calls: 0, granted: FREE, place: 0, isUsedUp: false };
    spent.set(profile, fresh);
    return fresh;
  };
  return {
    spend: async (profile) => {
      const mine = of(profile);
      mine.calls += 1;
      if (mine.calls <= mine.granted) return;
      const blocks = Math.floor((callsPerMinute(profile) * SHARE) / BLOCK);
      while (mine.calls > mine.granted && mine.place < blocks) {
        const key = `calls:${profile}:${mine.minute}:${(mine.place += 1)}`;
        if (await notes.claim(key, 120).catch(() => true)) mine.granted += BLOCK;
      }
      mine.isUsedUp = mine.calls > mine.granted;
    },
    check: (profile) => {
      if (!of(profile).isUsedUp) return;
      const retryAfterSeconds = Math.ceil((MINUTE_MS - (now().getTime() % MINUTE_MS)) / 1000);
      throw new Fault('provider_rate_limited', `${profile}: the searches' share of its limit is used up`, {
        retryAfterSeconds,
      });
    },
  };
}
