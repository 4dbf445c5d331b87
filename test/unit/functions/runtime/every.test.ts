import { expect, it } from 'vitest';
import { every } from '#functions/runtime/every.ts';

/** Timers for which Node would stay. Nothing else runs between two synchronous looks. */
const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;

it('keeps no process alive', () => {
  const before = timers();
  const stop = every(60_000, () => {});
  expect(timers()).toBe(before);
  stop();
});

it('calls again and again, and no more once it is told to stop', async () => {
  let calls = 0;
  await new Promise<void>((resolve) => {
    const stop = every(1, () => {
      calls += 1;
      if (calls < 3) return;
      stop();
      resolve();
    });
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(calls).toBe(3);
});
