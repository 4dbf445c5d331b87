import { describe, expect, it } from 'vitest';
import { dearness, LINEAR } from '#test/support/costs.ts';

const count = (text: string, steps: (length: number) => number): number => {
  let sum = 0;
  for (let step = 0; step < steps(text.length); step += 1) sum += text.charCodeAt(step % text.length);
  return sum;
};

describe('dearness', () => {
  it('calls what is linear linear', () => {
    expect(dearness((text) => count(text, (length) => 40 * length), 'a', 20_000)).toBeLessThan(LINEAR);
  });

  it('finds what is quadratic', () => {
    expect(dearness((text) => count(text, (length) => length ** 2 / 100), 'a', 20_000)).toBeGreaterThan(2 * LINEAR);
  });
});
