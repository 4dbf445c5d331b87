import { describe, expect, it } from 'vitest';
import { inProgress, whileRenewing } from '#shared/store/dynamo/lease.ts';
import { gate } from '#test/contract/store-suite.ts';

/** A beat that is struck by hand. */
function beat() {
  let run: (() => void) | undefined;
  let everyMs = 0;
  return {
    every: (milliseconds: number, again: () => void) => {
      [run, everyMs] = [again, milliseconds];
      return () => {
        run = undefined;
      };
    },
    strike: () => run?.(),
    isRunning: () => run !== undefined,
    everyMs: () => everyMs,
  };
}

describe('work under a lease', () => {
  it('renews at each beat, and no more once the work is over', async () => {
    const { every, strike, isRunning, everyMs } = beat();
    const end = gate<string>();
    let renewals = 0;
    const renew = async () => (renewals += 1);
    const work = whileRenewing({ every, everyMs: 2000, renew }, () => end.opened);
    expect(everyMs()).toBe(2000);
    for (const expected of [1, 2]) {
      strike();
      await new Promise(setImmediate);
      expect(renewals).toBe(expected);
    }
    end.open('done');
    expect(await work).toBe('done');
    expect(isRunning()).toBe(false);
  });

  it('begins no renewal while one is under way, and waits for that one before it ends', async () => {
    const { every, strike } = beat();
    const [end, answer] = [gate<string>(), gate()];
    let renewals = 0;
    let isOver = false;
    const renew = () => {
      renewals += 1;
      return answer.opened;
    };
    const work = whileRenewing({ every, everyMs: 1, renew }, () => end.opened).then(() => (isOver = true));
    strike();
    strike();
    end.open('done');
    await new Promise(setImmediate);
    expect([renewals, isOver]).toEqual([1, false]);
    answer.open();
    await work;
    expect(isOver).toBe(true);
  });

  it('goes on when a renewal fails, tries the next one, and hides nothing that the work throws', async () => {
    const { every, strike, isRunning } = beat();
    const end = gate();
    let renewals = 0;
    const renew = () => {
      renewals += 1;
      return Promise.reject(new Error('the table is down'));
    };
    const work = whileRenewing({ every, everyMs: 1, renew }, async () => {
      await end.opened;
      throw new Error('the work failed');
    });
    strike();
    await new Promise(setImmediate);
    strike();
    await new Promise(setImmediate);
    expect(renewals).toBe(2);
    end.open();
    await expect(work).rejects.toThrow('the work failed');
    expect(isRunning()).toBe(false);
  });
});

it('says what is held, and when trying again may help', () => {
  expect(inProgress('lock', 7001)).toMatchObject({
    code: 'delivery_in_progress',
    detail: 'lock is held by another run',
    retryAfterSeconds: 8,
  });
  expect(inProgress('job', -5000).retryAfterSeconds).toBe(1);
});
