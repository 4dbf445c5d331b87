import type { ProviderDeps } from '../provider.ts';

/** Longest time for one method of the port, all its calls and pauses together; a worker's life is longer. */
const DEADLINE_MS = 25_000;

/** When a method that starts now has to be over, in milliseconds since the epoch. */
export function endOfMethod(deps: ProviderDeps): number {
  return deps.now().getTime() + (deps.limits?.deadlineMs ?? DEADLINE_MS);
}
