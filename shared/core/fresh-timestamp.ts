import { Fault } from './fault.ts';
import { type RawRequest, single } from './read-http-request.ts';

/** How far a signed time may lie from ours, in either direction. */
const TOLERANCE_SECONDS = 300;

/**
 * Returns the time that a header tells: exactly ten digits (seconds), at most five minutes from now. Throws
 * `signature_missing`, `signature_invalid` for any other text, because `Number` takes blanks, hex and exponents and a NaN
 * passes every comparison, and `signature_stale` outside the tolerance.
 */
export function freshTimestamp(request: RawRequest, header: string, nowSeconds: number): string {
  const timestamp = single(request, header);
  if (!/^\d{10}$/.test(timestamp)) throw new Fault('signature_invalid', `${header} is malformed`);
  if (Math.abs(nowSeconds - Number(timestamp)) > TOLERANCE_SECONDS) {
    throw new Fault('signature_stale', `${header} is over ${TOLERANCE_SECONDS} seconds from now`);
  }
  return timestamp;
}
