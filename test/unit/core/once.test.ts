import { expect, it } from 'vitest';
import { once } from '#shared/core/once.ts';

it('computes once for concurrent and later callers', async () => {
  let runs = 0;
  const get = once(async () => ++runs);
  expect(await Promise.all([get(), get()])).toEqual([1, 1]);
  expect(await get()).toBe(1);
});

it('never keeps a failure', async () => {
  let runs = 0;
  const get = once(async () => {
    runs += 1;
    if (runs === 1) throw new Error('first');
    return runs;
  });
  await expect(get()).rejects.toThrow('first');
  expect(await get()).toBe(2);
});
