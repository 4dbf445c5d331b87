const UNIT_HOURS: Readonly<Record<string, number>> = { h: 1, d: 24, w: 7 * 24, m: 30 * 24, y: 365 * 24 };
const DURATION = /^(\d{1,6})\s?(h|hours?|d|days?|w|weeks?|m|mo|months?|y|years?)$/i;
const DAY_HOURS = 24;
const HOUR_MS = 3_600_000;
const DAY_MS = DAY_HOURS * HOUR_MS;
const MAX_HOURS = 100 * 365 * 24;

const NUMBERS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'];
const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/**
 * Reads `24h`, `90d`, `12w`, `6m` (months of 30 days), `1y`, `three months`, `a week`, `3 days ago`, `in 7 days`, `last month` or
 * `next week` as hours, 1 to a hundred years; `undefined` for other text.
 */
export function readHours(text: string): number | undefined {
  const plain = text
    .trim()
    .toLowerCase()
    .replace(/^in\s+|\s+ago$/g, '')
    .replace(/^(?:an?|last|past|next)\s+/, '1 ')
    .replace(/^[a-z]+(?=\s)/, (word) => (NUMBERS.includes(word) ? String(NUMBERS.indexOf(word) + 1) : word));
  const match = DURATION.exec(plain);
  const hours = Number(match?.[1]) * (UNIT_HOURS[match?.[2]?.[0] ?? ''] ?? Number.NaN);
  return hours >= 1 && hours <= MAX_HOURS ? hours : undefined;
}

/** Reads minutes, `30m` or `90 min`, as the hours that hold them; of a short time nobody means months. */
export function readMinutes(text: string): number | undefined {
  const minutes = Number(/^(\d{1,6})\s?(?:m|mins?|minutes?)(?:\s+ago)?$/i.exec(text.trim())?.[1]);
  return minutes >= 1 ? Math.ceil(minutes / 60) : undefined;
}

/** Reads a duration as whole days; `undefined` for one that has a part of a day. */
export function readDays(text: string): number | undefined {
  const hours = readHours(text);
  return hours !== undefined && hours % 24 === 0 ? hours / 24 : undefined;
}

/**
 * Reads `today`, `yesterday`, `tomorrow`, a day of the week or a date (`2026-11-01`, `2026-11-01T10:00Z`, `2026/11/01`,
 * `1.11.2026`, `1 Nov 2026`, `Nov 1`) as the hours that lie between its beginning (UTC) and now, in the past or, for what is
 * `ahead`, in the future; `undefined` for other text, for the other direction, and for `01/11/2026`, which is two days.
 */
export function readDate(text: string, now: Date, ahead = false): number | undefined {
  const at = instantOf(text.trim().toLowerCase(), now.getTime(), ahead);
  const hours = (ahead ? at - now.getTime() : now.getTime() - at) / HOUR_MS;
  return hours >= 0 && hours <= MAX_HOURS ? Math.max(1, Math.ceil(hours)) : undefined;
}

const YEAR_FIRST =
  /^(?<year>\d{4})(?<mark>[-/.])(?<month>\d{1,2})\k<mark>(?<day>\d{1,2})(?:[t ](?<time>\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)z?)?$/;
const DAY_FIRST = /^(?<day>\d{1,2})\.(?<month>\d{1,2})\.(?<year>\d{4})$/;

function instantOf(text: string, now: number, ahead: boolean): number {
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  if (text === 'today') return today;
  if (text === 'yesterday') return today - DAY_MS;
  if (text === 'tomorrow') return today + DAY_MS;
  const named = /^(?:(?:last|next|on|since)\s+)?([a-z]{3,9})$/.exec(text)?.[1] ?? '';
  const weekday = named === '' ? -1 : DAYS.findIndex((day) => day === named || day.slice(0, 3) === named);
  if (weekday >= 0) {
    const back = (new Date(today).getUTCDay() - weekday + 7) % 7;
    return today + (ahead ? 7 - back : -back) * DAY_MS;
  }
  const { year = '', month, day, time } = (YEAR_FIRST.exec(text) ?? DAY_FIRST.exec(text))?.groups ?? {};
  return year === '' ? spelled(text, { today, ahead }) : instant(year, [Number(month), Number(day)], time);
}

/** `1 nov 2026`, `nov 1, 2026`, `1 november`, `nov 1st`; without a year, the nearest such day in the direction that is meant. */
function spelled(text: string, { today, ahead }: { readonly today: number; readonly ahead: boolean }): number {
  const match =
    /^(?<day>\d{1,2})(?:st|nd|rd|th|\.)?\s+(?<month>[a-z]{3,9})(?:,?\s+(?<year>\d{4}))?$/.exec(text) ??
    /^(?<month>[a-z]{3,9})\s+(?<day>\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(?<year>\d{4}))?$/.exec(text);
  const { day = '', month = '', year } = match?.groups ?? {};
  const at = MONTHS.findIndex((name) => month.startsWith(name)) + 1;
  if (at === 0) return Number.NaN;
  if (year !== undefined) return instant(year, [at, Number(day)]);
  const thisYear = new Date(today).getUTCFullYear();
  const [before = Number.NaN, same = Number.NaN, after = Number.NaN] = [-1, 0, 1].map((step) =>
    instant(String(thisYear + step), [at, Number(day)]),
  );
  if (ahead) return same >= today ? same : after;
  return same <= today ? same : before;
}

/** The instant in UTC; NaN for a day that no month has. */
function instant(year: string, [month, day]: readonly [number, number], time = ''): number {
  const two = (part: number) => String(part).padStart(2, '0');
  const date = `${year}-${two(month)}-${two(day)}`;
  const at = Date.parse(`${date}T${time === '' ? '00:00' : time}Z`);
  return Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== date ? Number.NaN : at;
}
