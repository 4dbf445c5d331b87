/** A call that was not answered in time may still be carried out so many milliseconds after it was sent, and no later. */
export const LATE_MS = 10_000;
