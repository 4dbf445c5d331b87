import { afterAll, beforeAll, expect } from 'vitest';
import { attack } from '#test/support/attack.ts';
import { startTestSandbox, type TestSandbox } from '#test/support/sandbox.ts';
import { createTalk, type Talk } from '#test/support/slack-talk.ts';

let sandbox: TestSandbox;
let talk: Talk;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  talk = createTalk(sandbox);
  // Any way to hold the loop will do: what is shown is what becomes of a job that does.
  const hold = new URL('../fixtures/hold-the-loop.mjs', import.meta.url).href;
  await sandbox.post('restart', { function: 'slack-worker', env: { NODE_OPTIONS: `--import=${hold}` } });
});
afterAll(() => sandbox.stop());

attack(
  {
    name: 'held-loop',
    finding: 2,
    does: 'types a command whose work holds the event loop of the worker for ever',
    holds: 'its process is ended after seconds, the person is told that it is given up, and others are served',
    without: [
      {
        file: 'functions/runtime/watchdog-thread.ts',
        replace: 'if (silentMs < SILENT_MS) return;',
        by: 'if (silentMs >= 0) return;',
      },
    ],
  },
  async () => {
    const said = await talk.ask('show hold-the-loop', 'viewer', { fits: /was stopped/ });
    expect(said.text).toContain(
      'held up everything else, so it was stopped. Patrol does not try this again by itself.',
    );
    const logged = async (event: string) => (await sandbox.logs()).filter(({ text }) => text.includes(`"${event}"`));
    // The worker writes the end of a job after its words are out.
    const [dropped] = await sandbox.until('the job to be dropped', async () => {
      const found = await logged('job_dropped');
      return found.length > 0 && found;
    });
    expect(dropped?.text).toContain('"fault":"work_too_long"');
    // Once it was ended; told the second time, it did not begin what holds the loop again.
    expect(await logged('loop_held')).toHaveLength(1);
    expect((await talk.ask('whoami', 'operator')).text).not.toBe('');
  },
);
