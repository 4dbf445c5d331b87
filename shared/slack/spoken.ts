import type { Posted } from './reply.ts';

/** How long it is kept what was said of a request: for longer than its dead letter, which is kept for a fortnight. */
export const SPOKEN_SECONDS = 30 * 86_400;

/** Where an answer was said, as it is kept. */
export interface Spoken extends Posted {
  /** True while its words promise that more follows. */
  readonly isOpen?: true;
  /**
   * Digest of the outcome that was said last: a later copy of its job does not say it again, over whatever stands there since.
   * Absent while more follows, and for what is brought up to date.
   */
  readonly said?: string;
  /** True where it was told by whoever gave the request up: if it is brought back, what comes of it is not said yet. */
  readonly isStopped?: true;
}

/** Names the note of one answer of a request. */
export function saidNote(deliveryKey: string, index: number): string {
  return `said:${deliveryKey}:${index}`;
}

/** Names the answer of a request that is said in the security channel. */
export function loudKey(deliveryKey: string): string {
  return `job:${deliveryKey}`;
}

/** Names the note that a request's end was told, at its last delivery and without the place of its answer. */
export function toldEndNote(deliveryKey: string): string {
  return `told-end:${deliveryKey}`;
}
