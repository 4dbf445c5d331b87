import { expect, it } from 'vitest';
import { lazily } from '#shared/core/lazily.ts';

it.each([
  ['a value', 7],
  ['nothing', undefined],
])('computes %s once, and only when it is asked for', (_, value) => {
  let computed = 0;
  const get = lazily(() => {
    computed += 1;
    return value;
  });
  expect(computed).toBe(0);
  expect([get(), get()]).toEqual([value, value]);
  expect(computed).toBe(1);
});
