/**
 * What JSON leaves as it is and SQS may not take: U+FFFE, U+FFFF and everything above the first plane, emoji among them.
 * Every one of these comes in a text that somebody typed.
 */
const UNSAFE = /[\uD800-\uDFFF\uFFFE\uFFFF]/g;

/** Writes a job as a queue message that SQS accepts whatever characters are in its texts. */
export function toQueueText(job: unknown): string {
  return JSON.stringify(job).replace(UNSAFE, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`);
}
