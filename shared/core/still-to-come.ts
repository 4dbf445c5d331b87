import { LATE_MS } from './late-ms.ts';

/**
 * A call that was not answered, by when it was begun (ISO 8601), while it may still be carried out; `undefined` when it cannot
 * any more.
 */
export function stillToCome(unheard: string | undefined, now: Date): string | undefined {
  if (unheard === undefined) return undefined;
  // The clocks of two functions differ: what seems to be of the future is new.
  return Math.abs(now.getTime() - Date.parse(unheard)) < LATE_MS ? unheard : undefined;
}
