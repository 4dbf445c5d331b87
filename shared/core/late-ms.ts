/** A call that was not answered in time may still be carried out so many milliseconds after it was sent, and no later. */
export const LATE_MS = 10_000;

/** By so many milliseconds the clocks of two containers, or of one before and after it was set, may differ without harm. */
export const CLOCKS_MS = 5000;
