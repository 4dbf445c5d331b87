import { expect, it } from 'vitest';
import { Fault } from '#shared/core/fault.ts';
import { createLog, faultFields } from '#shared/telemetry/log.ts';

it('writes one JSON line with the time, the level and the function', () => {
  const lines: string[] = [];
  const log = createLog(
    { function: 'slack-edge' },
    (line) => lines.push(line),
    () => new Date(0),
  );
  log('info', { event: 'accepted', status: 200 });
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { at: '1970-01-01T00:00:00.000Z', level: 'info', function: 'slack-edge', event: 'accepted', status: 200 },
  ]);
});

it('tells a fault by code and detail, and of any other error only its class', () => {
  const cause = new Error('body with a secret');
  expect(faultFields(new Fault('provider_unexpected', 'dfns PUT', { status: 422, cause }))).toEqual({
    fault: 'provider_unexpected',
    detail: 'dfns PUT',
    status: 422,
  });
  expect(faultFields(new TypeError('lsv2_pt_text'))).toEqual({ fault: 'unexpected', detail: 'TypeError' });
  expect(faultFields('lsv2_pt_text')).toEqual({ fault: 'unexpected', detail: 'string' });
});
