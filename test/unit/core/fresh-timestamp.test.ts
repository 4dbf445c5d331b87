import { describe, expect, it } from 'vitest';
import { freshTimestamp } from '#shared/core/fresh-timestamp.ts';
import { alertRequest } from '#test/support/alerts.ts';

const NOW = 1_800_000_000;
const read = (value: string | readonly string[]) => freshTimestamp(alertRequest('', { time: value }), 'time', NOW);

describe('freshTimestamp', () => {
  it.each([0, 300, -300])('returns a time that lies %d seconds from now', (seconds) => {
    expect(read(String(NOW + seconds))).toBe(String(NOW + seconds));
  });
  it.each([301, -301])('refuses a time that lies %d seconds from now', (seconds) => {
    expect(() => read(String(NOW + seconds))).toThrow('signature_stale: time is over 300 seconds from now');
  });
  it.each(['', []])('misses %j', (value) => {
    expect(() => read(value)).toThrow('signature_missing');
  });
  it.each(['180000000', ' 1800000000', '1800000000\n', '1.8e9', '0x6b49d200', 'NaN', '1800000000.0'])(
    'refuses the text %j',
    (value) => {
      expect(() => read(value)).toThrow('signature_invalid: time is malformed');
    },
  );
  it('refuses two times', () => {
    expect(() => read([String(NOW), String(NOW)])).toThrow('signature_invalid');
  });
});
