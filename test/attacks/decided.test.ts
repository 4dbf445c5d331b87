import { afterAll, beforeAll, expect } from 'vitest';
import type { SlackMessage } from '#infra/sandbox/slack/workspace.ts';
import { type AlertDriver, createAlertDriver } from '#test/support/alert-driver.ts';
import { attack } from '#test/support/attack.ts';
import { startTestSandbox, type TestSandbox } from '#test/support/sandbox.ts';

let sandbox: TestSandbox;
let driver: AlertDriver;
let passed = 0;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  driver = createAlertDriver(sandbox);
});
afterAll(() => sandbox.stop());

/** Brings a token back from its card. Then lets a minute pass, in which every report would ask, whatever is remembered. */
async function undo(card: SlackMessage): Promise<void> {
  const asked = await driver.next(() => driver.press(card, 'Undo: activate', 'operator'), /has leaked/);
  await driver.press(asked, 'Yes, activate', 'operator');
  await driver.reads(card, /Active again/);
  await driver.quiet();
  await sandbox.post('clock', { offsetSeconds: (passed += 61) });
}

attack(
  {
    name: 'the-same-leak-after-undo',
    finding: 1,
    does: 'has the same secret reported again after somebody has brought the token back',
    holds: 'it asks, and never acts: what a person decided is remembered by the secret',
    without: [
      {
        file: 'shared/policy/decide-leak.ts',
        replace: 'decidedByPerson === true',
        by: 'decidedByPerson === undefined',
      },
    ],
  },
  async () => {
    const token = await driver.issue('langsmith', 'undone by a person');
    await driver.report('gitleaks', token);
    const card = await driver.card(token.name, /Deactivated, confirmed\./);
    await undo(card);
    await driver.report('trufflehog', token);
    await driver.reads(card, /Reported 2 times/);
    await driver.quiet();
    expect(await driver.stateOf(token)).toBe('active');
  },
);

attack(
  {
    name: 'the-same-secret-as-a-hash',
    finding: 1,
    does: 'has a watched token that somebody has brought back reported by a sender that gives only a hash of its secret',
    holds: 'it asks: the hash is of the very secret about which a person has decided',
    without: [
      {
        file: 'shared/alerts/find-token.ts',
        replace: '...defined({ watched: known })',
        by: '...defined({ watched: known && undefined })',
      },
    ],
  },
  async () => {
    for (const [name, first, then] of [
      ['ci-deploy', 'gitguardian', 'gitleaks'],
      ['prod-tracing', 'gitleaks', 'gitguardian'],
    ] as const) {
      const token = (await driver.tokens()).find((one) => one.name === name) ?? expect.fail(name);
      await driver.report(first, token);
      const card = await driver.card(name, /Deactivated, confirmed\./);
      await undo(card);
      await driver.report(then, token);
      await driver.reads(card, /Reported 2 times/);
      await driver.quiet();
      expect([name, await driver.stateOf(token)]).toEqual([name, 'active']);
    }
  },
);
