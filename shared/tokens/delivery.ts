import { Fault } from '#shared/core/fault.ts';

/** Which delivery of a job it is. */
export interface Delivery {
  /** 1 on the first. */
  readonly attempt: number;
  /** True when the queue will not deliver it again: whoever waits must be told now. */
  readonly isLast: boolean;
  /** True for one beside the queue's, for which somebody has asked: the queue goes on, and its deliveries say what comes next. */
  readonly isExtra?: true;
  /** Milliseconds until the function is stopped; absent where nothing stops it. */
  readonly timeLeftMs?: () => number;
  /** True when an earlier delivery held the event loop until its process was ended: it is refused, and not tried again. */
  readonly heldLoop?: true;
}

/** Throws `work_too_long` for a job that has held the event loop before: whoever waits is told, and nothing is tried. */
export function refuseHeldLoop({ heldLoop }: Delivery): void {
  if (heldLoop === true) throw new Fault('work_too_long', 'held the event loop in an earlier delivery');
}
