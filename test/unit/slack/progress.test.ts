import { describe, expect, it } from 'vitest';
import { LATE_MS } from '#shared/core/late-ms.ts';
import { createProgress } from '#shared/slack/progress.ts';
import type { Target } from '#shared/slack/reply.ts';

const message = (text: string) => ({ text, blocks: [] });

function setUp(target: Target = { channel: 'C1', ts: '1.1' }) {
  const shown: string[] = [];
  const state = { time: 1000, fails: false };
  let release = () => {};
  const progress = createProgress(target, {
    reply: {
      edit: async (_, { text }) => {
        if (text === 'slow') await new Promise<void>((resolve) => (release = resolve));
        if (state.fails) throw new Error('Slack is down');
        shown.push(text);
      },
    },
    now: () => new Date(state.time),
    sleep: async (milliseconds) => {
      state.time += milliseconds;
    },
  });
  const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
  return { progress, shown, state, settle, release: () => release() };
}

describe('createProgress', () => {
  it('leaves out what comes within about a second, and shows the end after a pause', async () => {
    const { progress, shown, state, settle } = setUp();
    for (const [at, text] of [
      [1000, 'a'],
      [1500, 'b'],
      [2100, 'c'],
      [2200, 'd'],
    ] as const) {
      state.time = at;
      progress.show(() => message(text));
      await settle();
    }
    await progress.finish(message('end'));
    expect(shown).toEqual(['a', 'c', 'end']);
    expect(state.time).toBe(3200);
  });

  it('does not wait before an end that nothing preceded', async () => {
    const { progress, state } = setUp();
    await progress.finish(message('end'));
    expect(state.time).toBe(1000);
  });

  it('does not wait for a time that the clock was set back from', async () => {
    const { progress, shown, state, settle } = setUp();
    state.time = 3_600_000;
    progress.show(() => message('a'));
    await settle();
    state.time = 0;
    progress.show(() => message('b'));
    await settle();
    state.time = -10;
    await progress.finish(message('end'));
    expect(shown).toEqual(['a', 'b', 'end']);
    expect(state.time).toBe(-10);
  });

  it.each([0, -5_000, -90_000])(
    'ends only when a state that was not answered cannot come any more, also where the clock is set by %i ms meanwhile',
    async (step) => {
      const { progress, shown, state, settle } = setUp();
      state.fails = true;
      progress.show(() => message('a'));
      await settle();
      state.fails = false;
      state.time += step;
      const before = state.time;
      await progress.settle();
      expect(state.time - before).toBe(LATE_MS);
      await progress.finish(message('end'));
      expect([shown, state.time - before]).toEqual([['end'], LATE_MS]);
    },
  );

  it('never lets a late state overtake the end', async () => {
    const { progress, shown, state, release } = setUp();
    progress.show(() => message('slow'));
    state.time = 9000;
    progress.show(() => message('left out while the other is on its way'));
    const end = progress.finish(message('end'));
    release();
    await end;
    expect(shown).toEqual(['slow', 'end']);
  });

  it('swallows trouble on the way and throws it at the end', async () => {
    const { progress, state, settle } = setUp();
    state.fails = true;
    progress.show(() => message('a'));
    await settle();
    await expect(progress.finish(message('end'))).rejects.toThrow('Slack is down');
  });

  it('keeps a message that only response_url can change for the end', async () => {
    const { progress, shown, settle } = setUp({ channel: 'C1', responseUrl: 'https://hooks.slack.com/x' });
    progress.show(() => message('a'));
    await settle();
    await progress.finish(message('end'));
    expect(shown).toEqual(['end']);
  });

  it('waits with the end until a state that nobody has heard of cannot come any more', async () => {
    const { progress, shown, state, settle } = setUp();
    state.fails = true;
    progress.show(() => message('2 of 5'));
    await settle();
    state.fails = false;
    await progress.finish(message('end'));
    expect([shown, state.time]).toEqual([['end'], 11_000]);
  });

  it('goes on once a state that nobody has heard of cannot come any more', async () => {
    const { progress, shown, state, settle } = setUp();
    state.fails = true;
    progress.show(() => message('2 of 5'));
    await settle();
    state.fails = false;
    for (const text of ['3 of 5', '4 of 5']) {
      state.time += 5000;
      progress.show(() => message(text));
      await settle();
    }
    expect(shown).toEqual(['4 of 5']);
  });
});
