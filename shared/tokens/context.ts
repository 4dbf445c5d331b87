import type { Attempt } from './attempt.ts';
import type { Authority } from './authorise.ts';
import type { LookedAhead } from './look-ahead.ts';
import type { Services } from './services.ts';

/** One person's request as the use cases see it: what they stand on, who asks and may what, and which delivery it is. */
export interface Context {
  readonly services: Services;
  readonly authority: Authority;
  readonly attempt: Attempt;
  /** What was looked up while the rights were asked for. */
  readonly ahead?: LookedAhead | undefined;
}
