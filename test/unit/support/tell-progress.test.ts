import { expect, it } from 'vitest';
import { tellProgress } from '#test/support/tell-progress.ts';

const PAGE = { moduleId: '/patrol/test/sandbox/page.test.ts' };

function rig() {
  const said: string[] = [];
  const clock = { at: 0, look: () => {} };
  const reporter = tellProgress({
    now: () => clock.at,
    write: (line) => said.push(line),
    everySecond: (look) => (clock.look = look),
  });
  /** Lets time go by, a second at a time. */
  const wait = (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) {
      clock.at += 1000;
      clock.look();
    }
  };
  return { said, reporter, wait };
}

it('is never quiet for longer than ten seconds while tests run, and names what is at work', () => {
  const { said, reporter, wait } = rig();
  reporter.onTestRunStart([{}, {}]);
  wait(9);
  expect(said).toEqual([]);
  wait(1);
  expect(said).toEqual([' … 10 s: 0 of 2 files, 0 tests done; the next ones are made ready']);
  reporter.onTestModuleStart(PAGE);
  wait(10);
  expect(said.at(-1)).toBe(' … 20 s: 0 of 2 files, 0 tests done; at work: page.test.ts');
  wait(60);
  expect(said.length).toBe(8);
});

it('says nothing where files end all the time, nor after the end', () => {
  const { said, reporter, wait } = rig();
  reporter.onTestRunStart([{}]);
  for (let file = 0; file < 5; file += 1) {
    reporter.onTestModuleStart(PAGE);
    wait(9);
    reporter.onTestModuleEnd(PAGE);
  }
  reporter.onTestRunEnd();
  wait(60);
  expect(said).toEqual([]);
});
