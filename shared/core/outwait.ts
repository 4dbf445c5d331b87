import { CLOCKS_MS, LATE_MS } from './late-ms.ts';

interface Clock {
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/**
 * Waits until a call that was not answered, by when it was begun or given up (ISO 8601), cannot be carried out any more: what is
 * said next stands over it, by whatever clock that was told. What seems to be of the future is new.
 */
export async function outwait({ now, sleep }: Clock, unheard: string | undefined): Promise<void> {
  if (unheard === undefined) return;
  const leftMs = Math.min(LATE_MS, Date.parse(unheard) + LATE_MS + CLOCKS_MS - now().getTime());
  if (leftMs > 0) await sleep(leftMs);
}
