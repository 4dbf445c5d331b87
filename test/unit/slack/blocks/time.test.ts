import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  age,
  ago,
  duration,
  measured,
  timeExactly,
  utc,
  utcDay,
  when,
  whenExactly,
} from '#shared/slack/blocks/time.ts';
import { foreignText } from '#test/support/arbitraries/text.ts';
import { strayMarkup } from '#test/support/slack-text.ts';

const now = new Date('2026-11-22T14:02:12Z');

describe('times', () => {
  it("are shown in the reader's zone with UTC where Slack cannot, and in UTC in receipts", () => {
    expect(when('2026-11-22T14:02:11.9Z')).toBe(
      '<!date^1795356131^{date_short_pretty} at {time}|2026-11-22 14:02:11 UTC>',
    );
    expect(utc('2026-11-22T15:02:11+01:00')).toBe('2026-11-22 14:02:11 UTC');
    expect(timeExactly('2026-11-22T14:02:11Z')).toBe('<!date^1795356131^{time_secs}|14:02:11 UTC>');
    expect(whenExactly('2026-11-22T14:02:11Z')).toBe(
      '<!date^1795356131^{date_short_pretty} at {time_secs}|2026-11-22 14:02:11 UTC>',
    );
    expect(utcDay('2026-11-22T14:02:11Z')).toBe('2026-11-22');
  });

  it('are shown as inert text when they are no times', () => {
    fc.assert(
      fc.property(foreignText, (text) => {
        for (const show of [when, whenExactly, timeExactly, utc, utcDay]) expect(strayMarkup(show(text))).toEqual([]);
      }),
    );
    expect(when('+275760-09-13T00:00:00.000Z')).toBe('`+275760-09-13T00:00:00.000Z`');
  });

  it('are told as ages in the largest unit that fits', () => {
    expect(age('2025-09-20T08:00:00Z', now)).toBe('14 months');
    expect(ago('2026-11-22T13:00:00Z', now)).toBe('62 minutes ago');
    expect(ago('2026-11-22T14:02:12Z', now)).toBe('just now');
    expect(ago('2026-11-30T14:02:12Z', now)).toBe('in 8 days');
    expect(age('2030-01-01T00:00:00Z', now)).toBe('0 seconds');
    expect([age('never', now), ago('never', now)]).toEqual(['unknown', 'at an unknown time']);
    expect(duration(3 * 365.25 * 86_400_000)).toBe('3 years');
  });

  it('are told as measurements with the precision they deserve', () => {
    expect([840, 4249, 59_960, 190_000, 5 * 3_600_000].map(measured)).toEqual([
      '840 ms',
      '4.2 s',
      '1 min 0 s',
      '3 min 10 s',
      '5 hours',
    ]);
  });
});
