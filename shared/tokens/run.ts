import type { Journal } from '#shared/store/store.ts';
import type { Authority } from './authorise.ts';
import type { Outcome } from './outcome.ts';
import type { Services } from './services.ts';

/** Which delivery of a job it is. */
export interface Delivery {
  /** 1 on the first. */
  readonly attempt: number;
  /** True when the queue will not deliver it again: whoever waits must be told now. */
  readonly isLast: boolean;
  /** Milliseconds until the function is stopped; absent where nothing stops it. */
  readonly timeLeftMs?: () => number;
}

/** One delivery of one job, as the use cases see it. */
export interface Run {
  /** Notes that outlive a crash. */
  readonly journal: Journal;
  /** When the request reached us, ISO 8601; the same on every replay. */
  readonly requestedAt: string;
  /** Milliseconds until the function is stopped; a long run ends itself before and goes on with the next delivery. */
  readonly timeLeftMs?: () => number;
  /** Shows how far a long run has come; paced by whoever shows it. Never throws. */
  readonly progress: (outcome: Outcome) => Promise<void>;
}

/** One person's request as the use cases see it: what they stand on, who asks and may what, and which delivery it is. */
export interface Desk {
  readonly services: Services;
  readonly authority: Authority;
  readonly run: Run;
}

/** Gives an id that stays the same when the job is replayed. */
export async function stableId(run: Run, name: string, newId: () => string): Promise<string> {
  const known = run.journal.get<string>(name);
  if (known !== undefined) return known;
  const id = newId();
  await run.journal.put(name, id);
  return id;
}
