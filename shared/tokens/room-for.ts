import type { Tally } from '#shared/store/store.ts';

/** Who causes calls to a provider: people by what they ask for, alerts by what leaked. */
export type Side = keyof Tally;

/** Limits are published for a minute; they are kept for less, so that whoever has to wait does so for seconds. */
export const SLICE_MS = 10_000;
/** What alerts may use while nobody asks. The rest is for whoever asks first, and for the looks of alert-edge, which has no table. */
const ALONE = 5 / 6;
/** What both may use together. The rest is for those looks, and for the owner's own calls. */
const TOGETHER = 2 / 3;
/** Of the published limit: more than half is left where searches for what strangers may have made up are all there is. */
const SEARCHES = 1 / 3;

/** A part of a minute, as one process knows it. */
export interface Slice {
  readonly callsPerMinute: number;
  readonly made: Tally;
  /** Whether the other side has lately made any. */
  readonly isShared: boolean;
  /** How much of it is over, from 0 to 1. */
  readonly over: number;
}

export const otherOf = (side: Side): Side => (side === 'people' ? 'alerts' : 'people');

/**
 * Gives how many calls more a side may begin. Each has half, as time goes by. What the other one has not used of its half is
 * kept for it, and less as time goes by: who asks at an even pace finds its part, also where the other side has taken more than
 * was known of, and what nobody has used is not lost. People alone are held back by the provider only; alerts leave something
 * to whoever asks first.
 */
export function roomFor(side: Side, { callsPerMinute, made, isShared, over }: Slice): number {
  if (side === 'people' && !isShared) return Number.POSITIVE_INFINITY;
  const ours = inSlice(callsPerMinute) * (isShared ? TOGETHER : ALONE);
  const half = ours / 2;
  const kept = isShared ? Math.max(0, Math.min(half * (1 - over), half - made[otherOf(side)])) : 0;
  return Math.max(ours - made.people - made.alerts - kept, half * over - made[side]);
}

/** Gives how many calls more searches may make that prove nothing and can wait. */
export function roomForSearches(slice: Slice): number {
  return Math.min(roomFor('alerts', slice), inSlice(slice.callsPerMinute) * SEARCHES - slice.made.alerts);
}

const inSlice = (callsPerMinute: number): number => (callsPerMinute * SLICE_MS) / 60_000;
