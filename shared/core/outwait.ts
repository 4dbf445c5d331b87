import { LATE_MS } from './late-ms.ts';
import { stillToCome } from './still-to-come.ts';

interface Clock {
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** Waits until a call that was not answered, by when it was begun (ISO 8601), cannot be carried out any more: what is said next stands over it. */
export async function outwait({ now, sleep }: Clock, unheard: string | undefined): Promise<void> {
  const begun = stillToCome(unheard, now());
  if (begun !== undefined) await sleep(Math.min(LATE_MS, Date.parse(begun) + LATE_MS - now().getTime()));
}
