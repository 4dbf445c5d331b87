import { afterAll, beforeAll, expect, it } from 'vitest';
import { silencePolicy, startTestSandbox, type TestSandbox } from '#test/support/sandbox.ts';
import { runStorm } from '#test/support/storm.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox(['--no-page', '--policy', silencePolicy()]);
});
afterAll(async () => {
  await sandbox.stop();
});

it('60 alerts at once, half of them duplicates, with Slack and both providers limiting: each token is dead once, each case right', async () => {
  const aftermath = await runStorm(sandbox, {
    alerts: 60,
    limitedSeconds: 3,
    slackLimitedSeconds: 5,
    atOnce: 20,
    timeoutMs: 50_000,
  });
  expect(aftermath.wrong).toEqual([]);
  expect(aftermath).toMatchObject({ tokens: 30, accepted: 60 });
  expect(aftermath.limited).toBeGreaterThan(0);
});
