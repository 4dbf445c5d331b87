import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defined } from '#shared/core/defined.ts';
import { createFresh } from '#shared/core/fresh.ts';

/** A source that counts what it was asked for, and fails while it is told to. */
function startSource(most?: number, isKept?: (value: string) => boolean) {
  const source = { asked: [] as string[], clock: 0, fails: false };
  const read = createFresh({
    load: async (key) => {
      source.asked.push(key);
      if (source.fails) throw new Error('down');
      return `${key}${source.asked.length}`;
    },
    now: () => new Date(source.clock),
    ...defined({ most, isKept }),
  });
  return { source, read };
}

describe('createFresh', () => {
  it('shares one read among callers at one time, and keeps keys apart', async () => {
    const { source, read } = startSource();
    expect(await Promise.all([read('a', 10), read('a', 10), read('b', 10)])).toEqual(['a1', 'a1', 'b2']);
    expect(source.asked).toEqual(['a', 'b']);
  });

  it('gives what is not to be kept to who waits for it alone, and keeps what was read before', async () => {
    const { source, read } = startSource(undefined, (value) => value !== 'a2');
    expect(await read('a', 10)).toBe('a1');
    source.clock = 5;
    expect(await Promise.all([read('a', 1), read('a', 1)])).toEqual(['a2', 'a2']);
    expect(await read('a', 10)).toBe('a1');
    expect(await read('a', 1)).toBe('a3');
  });

  it('reads again when what is known is too old for this caller', async () => {
    const { source, read } = startSource();
    await read('a', 10);
    source.clock = 5;
    expect(await read('a', 6)).toBe('a1');
    expect(await read('a', 5)).toBe('a2');
    expect(await read('a', 0)).toBe('a3');
    expect(await read('a', 10)).toBe('a3');
  });

  it('takes nothing for fresh that was read at a time which has not come: the clock was set back', async () => {
    const { source, read } = startSource();
    source.clock = 3_600_000;
    await read('a', 10);
    source.clock = 0;
    expect(await read('a', 0)).toBe('a2');
    source.clock = -1;
    expect(await read('a', 10)).toBe('a3');
    expect(await read('a', 10)).toBe('a3');
  });

  it('never keeps a failure', async () => {
    const { source, read } = startSource();
    source.fails = true;
    await expect(Promise.all([read('a', 10), read('a', 10)])).rejects.toThrow('down');
    expect(source.asked).toHaveLength(1);
    source.fails = false;
    expect(await read('a', 10)).toBe('a2');
  });

  it('takes nothing by a failure from who is content with what was read before', async () => {
    const { source, read } = startSource();
    await read('a', 10);
    source.fails = true;
    await expect(read('a', 0)).rejects.toThrow('down');
    expect(await read('a', 10)).toBe('a1');
    source.clock = 10;
    await expect(read('a', 10)).rejects.toThrow('down');
  });

  it('keeps no failure for another one', async () => {
    const answers: PromiseWithResolvers<string>[] = [];
    const read = createFresh({
      load: () => (answers.push(Promise.withResolvers<string>()), answers.at(-1)!.promise),
      now: () => new Date(0),
    });
    const both = [read('a', 10), read('a', 0)];
    for (const answer of answers) answer.reject(new Error('down'));
    await Promise.allSettled(both);
    answers.length = 0;
    const later = read('a', 10);
    answers[0]?.resolve('up');
    expect(await later).toBe('up');
  });

  it('forgets no newer value for an older failure', async () => {
    const answers: PromiseWithResolvers<string>[] = [];
    const read = createFresh({
      load: () => {
        const answer = Promise.withResolvers<string>();
        answers.push(answer);
        return answer.promise;
      },
      now: () => new Date(0),
    });
    const older = read('a', 10);
    const newer = read('a', 0);
    answers[1]?.resolve('new');
    answers[0]?.reject(new Error('down'));
    await expect(older).rejects.toThrow('down');
    expect(await newer).toBe('new');
    expect(await read('a', 10)).toBe('new');
    expect(answers).toHaveLength(2);
  });

  it('never keeps more keys than it may, and gives every caller the value of its key', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e')), async (keys) => {
        const { source, read } = startSource(2);
        for (const key of keys) expect((await read(key, 10))[0]).toBe(key);
        const distinct = new Set(keys).size;
        expect(source.asked.length).toBeGreaterThanOrEqual(distinct);
        if (distinct <= 2) expect(source.asked).toHaveLength(distinct);
      }),
    );
  });
});
