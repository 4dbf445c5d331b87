/** Which delivery of a job it is. */
export interface Delivery {
  /** 1 on the first. */
  readonly attempt: number;
  /** True when the queue will not deliver it again: whoever waits must be told now. */
  readonly isLast: boolean;
  /** Milliseconds until the function is stopped; absent where nothing stops it. */
  readonly timeLeftMs?: () => number;
}
