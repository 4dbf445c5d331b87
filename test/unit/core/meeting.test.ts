import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { createMeeting } from '#shared/core/meeting.ts';

/** A meeting whose reads give what had happened when they began, and whose patience ends when the test says so. */
function open(members: number) {
  const late: (() => void)[] = [];
  const told = { happened: 0, reads: 0, fails: false };
  const meeting = createMeeting({
    members,
    read: async () => {
      told.reads += 1;
      if (told.fails) throw new Error('test');
      return told.happened;
    },
    patience: () => new Promise<void>((resolve) => late.push(resolve)),
  });
  return { meeting, told, runOut: () => late.splice(0).forEach((end) => end()) };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

it('reads once for all, when the last has come or gone', async () => {
  const { meeting, told } = open(3);
  const first = meeting.come();
  const second = meeting.come();
  await settle();
  expect(told.reads).toBe(0);
  meeting.leave();
  expect(await Promise.all([first, second])).toEqual([0, 0]);
  expect(told.reads).toBe(1);
});

it('waits no longer than its patience, and reads anew for whoever comes later', async () => {
  const { meeting, told, runOut } = open(2);
  const first = meeting.come();
  runOut();
  expect(await first).toBe(0);
  told.happened = 1;
  expect(await meeting.come()).toBe(1);
  expect(await meeting.come()).toBe(1);
  expect(told.reads).toBe(3);
});

it('gives a failure to all of them, and to nobody later', async () => {
  const { meeting, told } = open(2);
  told.fails = true;
  const both = Promise.allSettled([meeting.come(), meeting.come()]);
  expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  told.fails = false;
  expect(await meeting.come()).toBe(0);
});

it('leaves nobody waiting, and gives nobody a read that was begun before they came, however they come and go', async () => {
  const steps = fc.array(fc.constantFrom('come', 'leave', 'late', 'settle'), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), steps, async (members, all) => {
      const { meeting, told, runOut } = open(members);
      const given: Promise<void>[] = [];
      for (const step of all) {
        told.happened += 1;
        const since = told.happened;
        if (step === 'come') given.push(meeting.come().then((at) => expect(at).toBeGreaterThanOrEqual(since)));
        if (step === 'leave') meeting.leave();
        if (step === 'late') runOut();
        if (step === 'settle') await settle();
      }
      runOut();
      await Promise.all(given);
    }),
  );
});
