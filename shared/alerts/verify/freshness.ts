import { Fault } from '#shared/core/fault.ts';

/** How far a signed time may lie from ours, in either direction. */
export const TOLERANCE_SECONDS = 300;

/**
 * Checks a timestamp of exactly ten digits (seconds). Throws `signature_invalid` for any other text, because `Number`
 * takes blanks, hex and exponents and a NaN passes every comparison, and `signature_stale` outside the tolerance.
 */
export function verifyFreshness(timestamp: string, nowSeconds: number, toleranceSeconds = TOLERANCE_SECONDS): void {
  if (!/^\d{10}$/.test(timestamp)) throw new Fault('signature_invalid', 'timestamp is not ten digits');
  if (Math.abs(nowSeconds - Number(timestamp)) > toleranceSeconds) {
    throw new Fault('signature_stale', 'timestamp is outside the tolerance');
  }
}
