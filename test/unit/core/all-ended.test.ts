import { expect, it } from 'vitest';
import { allEnded } from '#shared/core/all-ended.ts';

it('gives what all give', async () => {
  expect(await allEnded([Promise.resolve(1), 'two'])).toEqual([1, 'two']);
});

it('throws the first failure when the last has ended, and not before', async () => {
  let end = () => {};
  const slow = new Promise<void>((resolve) => {
    end = resolve;
  });
  let isOver = false;
  const all = allEnded([Promise.reject(new Error('first')), slow, Promise.reject(new Error('second'))])
    .catch((error: unknown) => error)
    .finally(() => {
      isOver = true;
    });
  await new Promise(setImmediate);
  expect(isOver).toBe(false);
  end();
  expect(await all).toEqual(new Error('first'));
});
