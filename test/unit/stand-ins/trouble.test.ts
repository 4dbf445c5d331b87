import { describe, expect, it } from 'vitest';
import type { Exchange } from '#infra/sandbox/kit/exchange.ts';
import type { FaultMode } from '#infra/sandbox/kit/stand-in.ts';
import { createTrouble, endUnder, spent } from '#infra/sandbox/kit/trouble.ts';

const EXCHANGE = { method: 'POST', path: '/' } as Exchange;
const refuse = (mode: string) => (mode === '429' ? undefined : { status: Number(mode) });

describe('a fault at a stand-in', () => {
  it.each<readonly [FaultMode, unknown]>([
    ['none', undefined],
    ['slow', 'slow'],
    ['half', 'half'],
    ['down', 'drop'],
    ['hang', 'hang'],
    ['html', { status: 502 }],
    ['500', { status: 500 }],
    ['429', undefined],
  ])('%s ends a call as it should', (mode, end) => {
    const found = endUnder({ mode }, EXCHANGE, refuse);
    expect(found).toEqual(typeof end === 'object' ? expect.objectContaining(end) : end);
  });

  it('lasts as many calls as were asked for, or until it is taken away', () => {
    expect(spent({ mode: 'down' })).toEqual({ mode: 'down' });
    expect(spent({ mode: 'down', count: 2 })).toEqual({ mode: 'down', count: 1 });
    expect(spent({ mode: 'down', count: 1 })).toEqual({ mode: 'none' });
  });

  it('is not spent by a call that it does not concern', async () => {
    const trouble = createTrouble(refuse, () => Promise.resolve());
    trouble.setFault({ mode: '429', count: 1 });
    expect(await trouble.meet(EXCHANGE)).toBeUndefined();
    trouble.setFault({ mode: '500', count: 1 });
    expect(await trouble.meet(EXCHANGE)).toEqual({ status: 500 });
    expect(await trouble.meet(EXCHANGE)).toBeUndefined();
  });
});

describe('a crash point', () => {
  it('strikes once, at its own point, and not when it was called off', () => {
    const trouble = createTrouble(refuse, () => Promise.resolve());
    const killed: string[] = [];
    trouble.crashNext('after-effect', () => killed.push('first'));
    expect(trouble.strike('before-effect')).toBe(false);
    expect(trouble.strike('after-effect')).toBe(true);
    expect(trouble.strike('after-effect')).toBe(false);
    const callOff = trouble.crashNext('before-effect', () => killed.push('second'));
    callOff();
    expect(trouble.strike('before-effect')).toBe(false);
    expect(killed).toEqual(['first']);
  });
});
