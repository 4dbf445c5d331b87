import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { inTurn } from '#shared/core/in-turn.ts';

/** Reads that end when the test says so. */
function desk() {
  const reads: { readonly end: (value: number) => void; readonly fail: () => void }[] = [];
  const read = inTurn(
    () =>
      new Promise<number>((resolve, reject) => {
        reads.push({ end: resolve, fail: () => reject(new Error('test')) });
      }),
  );
  return { reads, read };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

it('gives whoever asks while a read runs the next one, which is one for all of them', async () => {
  const { reads, read } = desk();
  const first = read();
  const others = [read(), read(), read()];
  expect(reads).toHaveLength(1);
  reads[0]?.end(1);
  expect(await first).toBe(1);
  await settle();
  expect(reads).toHaveLength(2);
  reads[1]?.end(2);
  expect(await Promise.all(others)).toEqual([2, 2, 2]);
});

it('begins a new read for whoever comes later, also after a failure', async () => {
  const { reads, read } = desk();
  const first = read();
  const second = read();
  reads[0]?.fail();
  await expect(first).rejects.toThrow('test');
  await settle();
  reads[1]?.end(2);
  expect(await second).toBe(2);
  await settle();
  const third = read();
  expect(reads).toHaveLength(3);
  reads[2]?.end(3);
  expect(await third).toBe(3);
});

it('never gives what was begun before it was asked for, in whatever order people come and reads end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 40 }), async (steps) => {
      const { reads, read } = desk();
      const asked: { readonly after: number; readonly got: Promise<number> }[] = [];
      let ended = 0;
      const end = async () => {
        if (ended < reads.length) reads[ended]?.end((ended += 1));
        await settle();
      };
      for (const isAsk of steps) {
        if (isAsk) asked.push({ after: reads.length, got: read() });
        else await end();
      }
      while (ended < reads.length) await end();
      // Each read is numbered from 1 in the order in which they began.
      for (const { after, got } of asked) expect(await got).toBeGreaterThan(after);
      expect(reads.length).toBeLessThanOrEqual(asked.length);
    }),
  );
});
