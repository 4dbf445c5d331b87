const UNIT_HOURS: Readonly<Record<string, number>> = { h: 1, d: 24, w: 7 * 24, m: 30 * 24, y: 365 * 24 };
const DURATION = /^(\d{1,6})\s?(h|hours?|d|days?|w|weeks?|m|mo|months?|y|years?)$/i;
const DAY_HOURS = 24;
const HOUR_MS = 3_600_000;
const MAX_HOURS = 100 * 365 * 24;

/** Reads `24h`, `90d`, `12w`, `6m` (months of 30 days) or `1y` as hours, 1 to a hundred years; `undefined` for other text. */
export function readHours(text: string): number | undefined {
  const match = DURATION.exec(text.trim());
  const hours = Number(match?.[1]) * (UNIT_HOURS[match?.[2]?.[0]?.toLowerCase() ?? ''] ?? Number.NaN);
  return hours >= 1 && hours <= MAX_HOURS ? hours : undefined;
}

/** Reads a duration as whole days; `undefined` for one that has a part of a day. */
export function readDays(text: string): number | undefined {
  const hours = readHours(text);
  return hours !== undefined && hours % 24 === 0 ? hours / 24 : undefined;
}

/** True for the unit of a duration that a blank keeps apart from its number: `90 d`, `3 months`. */
export function isUnit(text: string): boolean {
  return readHours(`1${text}`) !== undefined;
}

/**
 * Reads `today`, `yesterday` or a date such as `2026-11-01` as the hours that lie between its beginning (UTC) and now, in
 * the past or, for what is `ahead`, in the future; `undefined` for other text and for the other direction.
 */
export function readDate(text: string, now: Date, ahead = false): number | undefined {
  const day = /^today$/i.test(text)
    ? Math.floor(now.getTime() / (DAY_HOURS * HOUR_MS)) * DAY_HOURS * HOUR_MS
    : /^yesterday$/i.test(text)
      ? (Math.floor(now.getTime() / (DAY_HOURS * HOUR_MS)) - 1) * DAY_HOURS * HOUR_MS
      : /^\d{4}-\d{2}-\d{2}$/.test(text)
        ? Date.parse(`${text}T00:00:00Z`)
        : Number.NaN;
  const hours = (ahead ? day - now.getTime() : now.getTime() - day) / HOUR_MS;
  return hours >= 0 && hours <= MAX_HOURS ? Math.max(1, Math.ceil(hours)) : undefined;
}
