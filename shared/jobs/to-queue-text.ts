/**
 * What JSON leaves as it is and SQS may not take: U+FFFE, U+FFFF and everything above the first plane, emoji among them.
 * Every one of these comes in a text that somebody typed.
 */
const UNSAFE = /[\uD800-\uDFFF\uFFFE\uFFFF]/g;

/** Writes a job's JSON so that SQS accepts it whatever characters are in its texts. */
export function toQueueText(json: string): string {
  return json.replace(UNSAFE, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`);
}
