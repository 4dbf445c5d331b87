/**
 * How long a change that a provider has taken may wait for somebody's approval there, milliseconds. None says when such a
 * request lapses, nor shows it to whoever has asked.
 */
export const PENDING_MS = 7 * 86_400_000;

/** When a change that waits at its provider is asked for again by itself, if it is not done by then (ISO 8601, as the given time). */
export function pendingUntil(askedAt: string): string {
  return new Date(Date.parse(askedAt) + PENDING_MS).toISOString();
}
