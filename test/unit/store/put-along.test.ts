import { describe, expect, it } from 'vitest';
import { Fault } from '#shared/core/fault.ts';
import type { Items, ItemWrite } from '#shared/store/dynamo/items.ts';
import { putAlong, writeOf } from '#shared/store/dynamo/put-along.ts';

const condition = { expression: 'attribute_exists(#pk)' };
const put = (sk: string): ItemWrite => ({ put: { pk: 'p', sk } });
const remove = (sk: string): ItemWrite => ({ remove: { pk: 'p', sk }, condition });
const update = (sk: string): ItemWrite => ({ update: { pk: 'p', sk }, set: { ttl: 1 }, condition });
type Answer = 'done' | readonly number[];

/** A table that gives these answers, one after the other, and tells what it was asked to write at once, and in which order. */
function bench(...answers: readonly Answer[]) {
  const asked: (readonly ItemWrite[])[] = [];
  const happened: string[] = [];
  const given = [...answers];
  const items = {
    all: async (writes: readonly ItemWrite[]) => {
      asked.push(writes);
      const answer = given.shift() ?? expect.unreachable('one write too many');
      return answer === 'done' ? answer : answer.map((place) => ({ place, item: { pk: 'p', sk: `met ${place}` } }));
    },
  } as unknown as Items;
  /** A write of the port that tells when it is done. */
  const telling = (sk: string, more: Partial<Parameters<typeof writeOf>[0]> = {}) =>
    writeOf({ writes: [put(sk)], done: () => void happened.push(`${sk} done`), ...more });
  const leftOut = (sk: string) => ({ leftOut: async () => void happened.push(`${sk} left out`) });
  const lost = (sk: string) => ({ unmet: () => new Fault('delivery_in_progress', `${sk} is lost`) });
  return { items, asked, happened, telling, leftOut, lost };
}

describe('a write with others', () => {
  it('is one write of all of them, each of which is told when it is done', async () => {
    const { items, asked, happened, telling } = bench('done');
    const several = telling('b', { writes: [put('b'), remove('c')] });
    expect(
      await putAlong(items, put('own'), [telling('a'), several, writeOf({ writes: [update('d')] })]),
    ).toMatchObject({ isMet: true });
    expect(asked).toEqual([[put('own'), put('a'), put('b'), remove('c'), update('d')]]);
    expect(happened).toEqual(['a done', 'b done']);
  });

  it('writes once what several bring, and not at all what it writes itself', async () => {
    const { items, asked, telling } = bench('done', 'done');
    const bringing = (sk: string) => telling(sk, { once: [update('shared'), update('own')] });
    expect(await putAlong(items, update('own'), [bringing('a'), bringing('b')])).toMatchObject({ isMet: true });
    expect(await putAlong(items, remove('own'), [bringing('c')])).toMatchObject({ isMet: true });
    expect(asked).toEqual([
      [update('own'), put('a'), put('b'), update('shared')],
      [remove('own'), put('c'), update('shared')],
    ]);
  });

  it('is none of them where its own condition is not met', async () => {
    const { items, happened, telling, leftOut } = bench([0], [0, 1]);
    expect(await putAlong(items, put('own'), [telling('a')])).toMatchObject({ isMet: false });
    const item = { pk: 'p', sk: 'met 0' };
    expect(await putAlong(items, put('own'), [telling('a', leftOut('a'))])).toEqual({ isMet: false, item });
    expect(happened).toEqual([]);
  });

  it('throws the fault of the one whose condition is not met, also of what it brings', async () => {
    const { items, happened, telling, lost } = bench([2], [2], [0, 1]);
    const others = [telling('a', lost('a')), telling('b', lost('b'))];
    await expect(putAlong(items, put('own'), others)).rejects.toThrow('b is lost');
    const bringing = telling('c', { ...lost('c'), once: [update('shared')] });
    await expect(putAlong(items, put('own'), [bringing])).rejects.toThrow('c is lost');
    await expect(putAlong(items, put('own'), [bringing])).rejects.toThrow('c is lost');
    expect(happened).toEqual([]);
  });

  it('goes on without what may be left out, and tells so when the others are done', async () => {
    const { items, asked, happened, telling, leftOut } = bench([2], [1], 'done');
    const others = [telling('a', leftOut('a')), telling('b', leftOut('b')), telling('c')];
    expect(await putAlong(items, put('own'), others)).toMatchObject({ isMet: true });
    expect(asked).toEqual([
      [put('own'), put('a'), put('b'), put('c')],
      [put('own'), put('a'), put('c')],
      [put('own'), put('c')],
    ]);
    expect(happened).toEqual(['c done', 'b left out', 'a left out']);
  });

  it('is none of them where one that is not met may not be left out', async () => {
    const { items, happened, telling, leftOut } = bench([1], [1, 2]);
    expect(await putAlong(items, put('own'), [telling('a')])).toMatchObject({ isMet: false });
    expect(await putAlong(items, put('own'), [telling('a', leftOut('a')), telling('b')])).toMatchObject({
      isMet: false,
    });
    expect(happened).toEqual([]);
  });
});
