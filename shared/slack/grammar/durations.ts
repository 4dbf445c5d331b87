const UNIT_HOURS: Readonly<Record<string, number>> = { h: 1, d: 24, w: 7 * 24, m: 30 * 24, y: 365 * 24 };
const DURATION = /^(\d{1,6})\s?(h|hours?|d|days?|w|weeks?|m|mo|months?|y|years?)$/i;
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
