import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SlackMessage } from '#infra/sandbox/slack/workspace.ts';
import type { StandInToken } from '#infra/sandbox/kit/stand-in.ts';
import { type AlertDriver, createAlertDriver } from '#test/support/alert-driver.ts';
import { expectInOrder } from '#test/support/expect-in-order.ts';
import { startTestSandbox, type TestSandbox, widePolicy } from '#test/support/sandbox.ts';
import { wordsOf } from '#test/support/slack-talk.ts';

let sandbox: TestSandbox;
let driver: AlertDriver;

beforeAll(async () => {
  // Two others than the admin, who asks, may agree to a lever.
  const threeForLevers = widePolicy((policy) =>
    policy.replace(/(verbs: \[lever\]\s+approvers: 1\s+by: \[approver, )/, '$1operator, '),
  );
  sandbox = await startTestSandbox(['--no-page', '--policy', threeForLevers]);
  driver = createAlertDriver(sandbox);
});
afterAll(async () => {
  await expectInOrder(sandbox, driver);
  await sandbox.stop();
});

/** Leaks a new token and waits until its card says that it is dead. */
async function leaked(
  provider: 'dfns' | 'langsmith',
  name: string,
): Promise<{ token: StandInToken; card: SlackMessage }> {
  const token = await driver.issue(provider, name);
  await driver.report('generic', token);
  return { token, card: await driver.card(name, /Deactivated, confirmed\./) };
}

describe('on the card of a leak', () => {
  it.each(['dfns', 'langsmith'] as const)(
    'Undo asks, names the leak, brings the token back, says so, and keeps the way to kill it again (%s)',
    async (provider) => {
      const { token, card } = await leaked(provider, `undone at ${provider}`);
      const asked = await driver.next(() => driver.press(card, 'Undo: activate', 'operator'), /has leaked/);
      await driver.press(asked, 'Yes, activate', 'operator');
      const undone = await driver.reads(card, /Active again: it was brought back/);
      expect(await driver.stateOf(token)).toBe('active');
      expect(wordsOf(undone)).toMatch(/Replace it, then deactivate it again/);
      await driver.press(undone, 'Deactivate', 'operator');
      await driver.reads(card, /Deactivated, confirmed\./);
      expect(await driver.stateOf(token)).toBe('inactive');
      const log = (await driver.thread(card)).map(({ text }) => text).join('\n');
      expect(log).toMatch(/Active again/);
    },
  );

  it('Take it and Not ours are kept with who pressed them', async () => {
    const token = await driver.issue('langsmith', 'taken');
    await driver.report('generic', token);
    const card = await driver.card('taken', /Nobody has taken it yet/);
    await driver.press(card, 'Take it', 'operator');
    await driver.reads(card, new RegExp(`Taken by <@${sandbox.ready.slack.users.operator}>`));
    // The line in the thread follows the card.
    await sandbox.until('the line in the thread', async () =>
      (await driver.thread(card)).some(({ text }) => /Taken by <@U0OPERATOR1>/.test(text)),
    );
  });

  it('whoever may not is told so alone, and nothing changes', async () => {
    const { token, card } = await leaked('langsmith', 'watched by a viewer');
    const denial = await driver.next(
      () => driver.press(card, 'Undo: activate', 'viewer'),
      /you may not activate tokens/,
    );
    expect(denial.ephemeralTo).toBe(sandbox.ready.slack.users.viewer);
    await driver.idle();
    expect(await driver.stateOf(token)).toBe('inactive');
    expect(wordsOf(await driver.now(card))).toMatch(/Deactivated, confirmed\./);
  });

  it('Delete asks a second person, and the card follows the approval', async () => {
    const { token, card } = await leaked('langsmith', 'to be deleted');
    const request = await driver.next(() => driver.press(card, 'Delete', 'operator'), /Approval needed/);
    expect(await driver.stateOf(token)).toBe('inactive');
    await driver.press(request, 'Approve', 'approver');
    await driver.reads(card, /Deleted, confirmed\./);
    expect(await driver.stateOf(token)).toBe('deleted');
    // Killed, then deleted: each once.
    expect(await driver.mutationsOf(token)).toBe(2);
  });

  it('a bigger lever waits for another person, is pulled then, and told with what the provider said', async () => {
    const { card } = await leaked('langsmith', 'lever at langsmith');
    expect(wordsOf(card)).toMatch(/`Block new tokens…` Stops the creation of new personal access tokens/);
    const request = await driver.next(
      () => driver.press(card, 'Block new tokens…', 'admin'),
      /Approval needed: may <@U\w+> (?:stop the creation|deactivate the Dfns)/,
    );
    const before = (await sandbox.calls()).filter(({ mutation, path }) => mutation && path.endsWith('/info')).length;
    expect(before).toBe(0);
    const own = await driver.next(() => driver.press(request, 'Approve', 'admin'), /nobody approves their own request/);
    expect(own.ephemeralTo).toBe(sandbox.ready.slack.users.admin);
    const result = await driver.next(() => driver.press(request, 'Approve', 'approver'), /Lever/);
    expect(wordsOf(result)).toMatch(/Lever pulled: .*stop-new-pats.*no new tokens can be made/s);
    expect((await sandbox.calls()).filter(({ mutation, path }) => mutation && path.endsWith('/info'))).toHaveLength(1);
  });

  it('a lever that the provider refuses is told as not pulled, with its reason, after both whom it needs agreed', async () => {
    const { card } = await leaked('dfns', 'lever at dfns');
    const request = await driver.next(
      () => driver.press(card, 'Stop the whole user…', 'admin'),
      /Approval needed: may <@U\w+> (?:stop the creation|deactivate the Dfns)/,
    );
    // Patrol's own token is of the same user, and would die with it.
    expect(wordsOf(request)).toContain('patrol-bot');
    await driver.press(request, 'Approve', 'approver');
    const half = await driver.reads(request, /Approved by 1 of 2/);
    const result = await driver.next(() => driver.press(half, 'Approve', 'operator'), /Lever NOT pulled/);
    expect(wordsOf(result)).toMatch(/the provider refused .*deactivate-user.*HTTP 403/s);
  });
});
