import { describe, expect, it } from 'vitest';
import { createHttp } from '#shared/core/http.ts';
import { faultWords, faultWordsOf } from '#shared/slack/blocks/fault-words.ts';
import { createCallBudget } from '#shared/tokens/call-budget.ts';
import { createMemoryStore } from '#test/support/memory-store.ts';

const now = () => new Date('2026-03-01T10:00:00Z');
const sleep = async () => undefined;

describe('the words for a limit', () => {
  it('say that the provider limits our calls where it has answered so', async () => {
    const http = createHttp({ fetch: async () => new Response('', { status: 429 }), now, sleep, random: () => 0 });
    const url = new URL('https://api.dfns.io');
    const fault = await http({ label: 'reading', method: 'GET', url, headers: {}, isSafe: true }).catch(
      (error: unknown) => error as { code: 'provider_rate_limited'; status?: number },
    );
    expect(faultWordsOf({ ...fault, fault: 'code' in fault ? fault.code : 'internal_error' })).toBe(
      'The provider is limiting our calls',
    );
  });

  it('say that our own share is used up where nobody was asked', async () => {
    const budget = createCallBudget({
      notes: createMemoryStore(now).notes,
      now,
      sleep,
      random: () => 0,
      side: 'alerts',
    });
    const limit = { name: 'small', profile: 'dfns-demo', callsPerMinute: 1 };
    const begin = () => budget.begin(limit, { what: 'search', calls: 1 });
    await begin();
    const fault = await begin().catch((error: unknown) => error as { code: 'provider_rate_limited'; status?: number });
    expect(fault).toBeDefined();
    expect(faultWordsOf({ ...fault!, fault: fault!.code })).toMatch(/^Our share .* is used up for some seconds$/);
  });

  it('say no more than is known where the record keeps no answer', () => {
    expect(faultWords('provider_rate_limited')).toBe('The provider is limiting our calls');
  });
});
