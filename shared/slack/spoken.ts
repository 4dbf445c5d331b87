import type { Posted } from './reply.ts';

/** How long it is kept what was said of a request: for longer than its dead letter, which is kept for a fortnight. */
export const SPOKEN_SECONDS = 30 * 86_400;

/** Where an answer was said, as it is kept. */
export interface Spoken extends Posted {
  /** True while its words promise that more follows. */
  readonly isOpen?: true;
  /** Digest of the outcome that was said last where nobody can change it: to one person alone, or through `response_url`. */
  readonly said?: string;
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
