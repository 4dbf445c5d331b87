/** Clocks of two containers may differ by so much. */
export const EARLY_MS = 1000;
/** The longest that SQS keeps a new message back, in seconds. */
export const LONGEST_DELAY_SECONDS = 900;

/** True where the time that a job was planned for has come. */
export function isDue(at: string, now: Date): boolean {
  return Date.parse(at) <= now.getTime() + EARLY_MS;
}
