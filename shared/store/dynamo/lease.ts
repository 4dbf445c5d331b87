import { Fault } from '#shared/core/fault.ts';
import type { Condition } from './condition.ts';

/** How long a lease counts without being renewed, and how often it is; milliseconds. */
export interface LeaseTimes {
  readonly lastsMs: number;
  readonly renewEveryMs: number;
}

/** A crash is noticed after 8 s; three renewals in a row may fail before that. */
export const LEASE: LeaseTimes = { lastsMs: 8_000, renewEveryMs: 2_000 };

/** So many renewals have to be missed under our eyes: a little more than one. */
const MISSED = 1.25;

/**
 * How long whoever would take over a lease that has lapsed by their own clock watches it before: it has lapsed where it
 * `isStill` the same by then. By a clock alone that of a holder whose clock is behind has lapsed from the first.
 */
export function watchMsOf({ renewEveryMs }: LeaseTimes): number {
  return renewEveryMs * MISSED;
}

/** Nobody has been here. */
export const isNew: Condition = { expression: 'attribute_not_exists(#pk)' };

/** It is ours already: an earlier answer to this very write was lost on its way. */
export const isHeldBy = (by: string): Condition => ({ expression: '#by = :by', values: { by } });

/** Its holder stopped renewing, as far as our clock can tell: for those who have no time to watch it. */
export const hasLapsed = (now: Date): Condition => ({
  expression: '#leaseUntil < :now',
  values: { now: now.getTime() },
});

/** Its holder has given it back. */
export const isGivenBack: Condition = { expression: '#leaseUntil = :never', values: { never: 0 } };

/** Its lease is the one that was seen: nobody has renewed it since. */
export const isStill = (leaseUntil: number): Condition => ({
  expression: '#leaseUntil = :seen',
  values: { seen: leaseUntil },
});

/** Its time to live is over, although DynamoDB has not removed it yet. */
export const isExpired = (now: Date): Condition => ({
  expression: '#ttl <= :nowSeconds',
  values: { nowSeconds: toSeconds(now) },
});

/** Gives the epoch seconds of an instant. */
export function toSeconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1000);
}

/** The fault of a job that somebody else is running; `remainingMs` says when trying again may help. */
export function inProgress(what: string, remainingMs: number): Fault {
  const retryAfterSeconds = Math.max(1, Math.ceil(remainingMs / 1000));
  return new Fault('delivery_in_progress', `${what} is held by another run`, { retryAfterSeconds });
}

/** Calls `run` each `milliseconds` until the function that it returns is called; never keeps the process alive. */
export type Every = (milliseconds: number, run: () => void) => () => void;

interface Renewal {
  readonly every: Every;
  readonly everyMs: number;
  readonly renew: () => Promise<unknown>;
}

/**
 * Runs `work` while `renew` is called again and again. A renewal that fails is not the end: the lease lapses by itself
 * when the next ones fail as well.
 */
export async function whileRenewing<T>({ every, everyMs, renew }: Renewal, work: () => Promise<T>): Promise<T> {
  let renewing: Promise<unknown> | undefined;
  const stop = every(everyMs, () => {
    renewing ??= renew()
      .catch(() => undefined)
      .finally(() => {
        renewing = undefined;
      });
  });
  try {
    return await work();
  } finally {
    stop();
    await renewing;
  }
}
