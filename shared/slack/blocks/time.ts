import { code, count } from './text.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

// Two rules and no third: in a sentence a person reads each time in their own clock (Slack's date form, UTC where Slack
// cannot); in a table, a file and the record, which Slack does not translate, it is UTC and says so.

/** Returns `2026-11-22 14:02:11 UTC`, for tables; a text that is no time is shown as code. */
export function utc(iso: string): string {
  const stamp = stampOf(iso);
  return stamp === undefined ? code(iso) : `${stamp.slice(0, 10)} ${stamp.slice(11, 19)} UTC`;
}

/** Returns the day in UTC, `2026-11-22`; a text that is no time is shown as code. */
export function utcDay(iso: string): string {
  return stampOf(iso)?.slice(0, 10) ?? code(iso);
}

/** Returns Slack's date form, shown in the reader's own zone, in UTC where Slack cannot. */
export function when(iso: string): string {
  return dateForm(iso, '{date_short_pretty} at {time}', utc);
}

/** As `when`, to the second: for proofs, which are compared with other people's logs. */
export function whenExactly(iso: string): string {
  return dateForm(iso, '{date_short_pretty} at {time_secs}', utc);
}

/** The time of day alone, to the second, in the reader's own zone. */
export function timeExactly(iso: string): string {
  return dateForm(iso, '{time_secs}', (stamp) => utc(stamp).slice(11));
}

function dateForm(iso: string, form: string, fallback: (stamp: string) => string): string {
  const stamp = stampOf(iso);
  if (stamp === undefined) return code(iso);
  return `<!date^${Math.floor(Date.parse(stamp) / SECOND)}^${form}|${fallback(stamp)}>`;
}

/** Returns how old something is: "40 seconds", "3 hours", "12 days", "7 months", "2 years". A future time has the age 0. */
export function age(iso: string, now: Date): string {
  const at = Date.parse(iso);
  return Number.isNaN(at) ? 'unknown' : duration(now.getTime() - at);
}

/** Returns "3 hours ago", or "in 3 hours" for a time to come. */
export function ago(iso: string, now: Date): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return 'at an unknown time';
  const past = now.getTime() - at;
  if (past < 0) return `in ${duration(-past)}`;
  return past < SECOND ? 'just now' : `${duration(past)} ago`;
}

/** Returns a length of time in its largest fitting unit, rounded down. */
export function duration(milliseconds: number): string {
  const length = Math.max(0, milliseconds);
  if (length < 2 * MINUTE) return count(Math.floor(length / SECOND), 'second');
  if (length < 2 * HOUR) return count(Math.floor(length / MINUTE), 'minute');
  if (length < 2 * DAY) return count(Math.floor(length / HOUR), 'hour');
  if (length < 60 * DAY) return count(Math.floor(length / DAY), 'day');
  if (length < 730 * DAY) return count(Math.floor(length / (30.44 * DAY)), 'month');
  return count(Math.floor(length / (365.25 * DAY)), 'year');
}

/** Returns a measured time with the precision it deserves: "840 ms", "4.2 s", "3 min 10 s", "5 hours". */
export function measured(milliseconds: number): string {
  if (milliseconds < SECOND) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 59_950) return `${(milliseconds / SECOND).toFixed(1)} s`;
  if (milliseconds >= 2 * HOUR) return duration(milliseconds);
  const seconds = Math.round(milliseconds / SECOND);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** ISO 8601 UTC with four-digit years, or `undefined`: Slack's date form knows no others. */
function stampOf(iso: string): string | undefined {
  const at = Date.parse(iso);
  if (Number.isNaN(at) || at < 0 || at >= 253_402_300_800_000) return undefined;
  return new Date(at).toISOString();
}
