import { describe, expect, it } from 'vitest';
import { FAULTS, Fault, isFault } from '#shared/core/fault.ts';

describe('the table of faults', () => {
  it('answers 401 to everything unverified, and nothing else', () => {
    for (const [code, { http }] of Object.entries(FAULTS)) {
      expect(http === 401, code).toBe(code.startsWith('signature_'));
    }
  });

  it('delivers again exactly what may go away by itself, which is what an edge answers 503 to', () => {
    for (const consequence of Object.values(FAULTS)) {
      expect(consequence.queue === 'retry').toBe(consequence.http === 503);
    }
  });
});

describe('Fault', () => {
  it('carries what may be logged and says whether the queue shall try again', () => {
    const fault = new Fault('provider_rate_limited', 'dfns GET', { status: 429, retryAfterSeconds: 3 });
    expect(fault).toMatchObject({
      code: 'provider_rate_limited',
      status: 429,
      retryAfterSeconds: 3,
      isRetryable: true,
    });
    expect(new Fault('config_invalid', 'x').isRetryable).toBe(false);
  });

  it('is told apart by code', () => {
    const fault = new Fault('payload_invalid', 'x');
    expect([
      isFault(fault),
      isFault(fault, 'payload_invalid'),
      isFault(fault, 'slack_rejected'),
      isFault(new Error('x')),
    ]).toEqual([true, true, false, false]);
  });
});
