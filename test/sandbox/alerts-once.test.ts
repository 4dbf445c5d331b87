import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SlackMessage } from '#infra/sandbox/slack/workspace.ts';
import type { StandInToken } from '#infra/sandbox/kit/stand-in.ts';
import { type AlertDriver, createAlertDriver } from '#test/support/alert-driver.ts';
import { expectInOrder } from '#test/support/expect-in-order.ts';
import { silencePolicy, startTestSandbox, type TestSandbox } from '#test/support/sandbox.ts';
import { wordsOf } from '#test/support/slack-talk.ts';

let sandbox: TestSandbox;
let driver: AlertDriver;

beforeAll(async () => {
  sandbox = await startTestSandbox(['--no-page', '--policy', silencePolicy()]);
  driver = createAlertDriver(sandbox);
});
afterAll(async () => {
  await expectInOrder(sandbox, driver);
  await sandbox.stop();
});

const DEAD = /Deactivated, confirmed\./;

/** The end of a leak: dead by one change, told on one card that counts so many reports. */
async function expectOnce(token: StandInToken, reports: number): Promise<SlackMessage> {
  const times = reports === 1 ? 'once' : `${reports} times`;
  const card = await driver.card(token.name, DEAD);
  await driver.reads(card, new RegExp(`Reported ${times} by`));
  await driver.quiet();
  expect(await driver.stateOf(token)).toBe('inactive');
  expect(await driver.mutationsOf(token)).toBe(1);
  expect(await driver.cards(token.name)).toHaveLength(1);
  return driver.now(card);
}

describe.concurrent('one leak has one effect, one card and the right count', () => {
  it('when the very same delivery comes three times at once', async () => {
    const token = await driver.issue('langsmith', 'thrice at once');
    const alert = driver.sign('github', driver.leakOf(token));
    const answers = await Promise.all([driver.deliver(alert), driver.deliver(alert), driver.deliver(alert)]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    await expectOnce(token, 1);
  });

  it('when GitHub redelivers under another id, which it does not sign', async () => {
    const token = await driver.issue('dfns', 'redelivered');
    const alert = driver.sign('github', driver.leakOf(token), { id: 'first' });
    await driver.deliver(alert);
    await driver.card(token.name, DEAD);
    const { github: _, ...again } = alert;
    await driver.deliver({ ...again, headers: { ...again.headers, 'x-github-delivery': 'second' } });
    await expectOnce(token, 1);
  });

  it('when two scanners find the same leak at the same time', async () => {
    const token = await driver.issue('dfns', 'found by two');
    await Promise.all([driver.report('gitleaks', token), driver.report('trufflehog', token)]);
    const card = await expectOnce(token, 2);
    expect(wordsOf(card)).toMatch(/by `(gitleaks|trufflehog)`, `(gitleaks|trufflehog)`/);
  });

  it('when it is reported again and again, the thread says that nothing was done twice', async () => {
    const token = await driver.issue('langsmith', 'again and again');
    await driver.report('generic', token);
    const card = await driver.card(token.name, DEAD);
    for (const sender of ['gitlab', 'gitleaks', 'sns', 'github'] as const) await driver.report(sender, token);
    await expectOnce(token, 5);
    const log = (await driver.thread(card)).map(wordsOf).join('\n');
    expect(log).toMatch(/5 reports in all\. Nothing was done twice\./);
  });
});

describe('what failed is done later, once:', () => {
  // What one story broke must not break the next.
  afterEach(() =>
    Promise.all(['dfns', 'langsmith', 'github', 'slack'].map((who) => sandbox.fault(who, { mode: 'none' }))),
  );

  it.each(['dfns', 'langsmith'] as const)(
    'the provider is down (%s), and the card says so until it is back',
    async (provider) => {
      const token = await driver.issue(provider, `down at ${provider}`);
      await sandbox.fault(provider, { mode: 'down' });
      const alert = driver.sign('generic', driver.leakOf(token, { repository: `acme/down-${provider}` }));
      await driver.deliver(alert);
      const card = await driver.card(`acme/down-${provider}`, /Patrol could NOT look for it/);
      expect(wordsOf(card)).toMatch(/does not answer.*[Tt]rying again by itself/);
      // A sender that sees trouble sends again.
      await driver.deliver(alert);
      await sandbox.fault(provider, { mode: 'none' });
      await driver.reads(card, DEAD);
      await expectOnce(token, 1);
    },
  );

  it('the provider is slow, and the one card goes from "working on it" to the proof', async () => {
    const token = await driver.issue('langsmith', 'slow to die');
    // Slower than the edge waits for an issuer, quicker than the worker does, which fetches this secret.
    await sandbox.fault('langsmith', { mode: 'slow', ms: 1200 });
    await driver.report('github', token);
    const card = await driver.card('slow to die', /NOT revoked yet: working on it/);
    await driver.reads(card, DEAD);
    await sandbox.fault('langsmith', { mode: 'none' });
    const { ts } = await expectOnce(token, 1);
    expect(ts).toBe(card.ts);
  });

  it('GitHub does not hand the secret out, and the card says so until it does', async () => {
    const token = await driver.issue('langsmith', 'github was down');
    await sandbox.fault('github', { mode: 'down' });
    await driver.deliver(driver.sign('github', driver.leakOf(token, { repository: 'acme/no-rest' })));
    const card = await driver.card('acme/no-rest', /could NOT look for it.*GitHub/s);
    expect(wordsOf(card)).toMatch(/[Tt]rying again by itself/);
    await sandbox.fault('github', { mode: 'none' });
    await driver.reads(card, DEAD);
    await expectOnce(token, 1);
    await sandbox.until('the alert to be closed', async () =>
      (await driver.githubAlerts()).some(({ secret, state }) => secret === token.secret && state === 'resolved'),
    );
  });

  it('Slack is down: the token dies all the same, and is told when Slack is back', async () => {
    const token = await driver.issue('dfns', 'slack was down');
    await sandbox.fault('slack', { mode: 'down' });
    await driver.report('gitleaks', token);
    await driver.becomes(token, 'inactive');
    expect(await driver.cards(token.name)).toHaveLength(0);
    await sandbox.fault('slack', { mode: 'none' });
    await expectOnce(token, 1);
  });

  it('the worker dies before the effect, after it, and before a word is said', async () => {
    const tokens: StandInToken[] = [];
    for (const at of ['before-effect', 'after-effect', 'before-reply']) {
      const token = await driver.issue('langsmith', `crashed ${at}`);
      tokens.push(token);
      await sandbox.post('crash', { function: 'alert-worker', at });
      await driver.report('generic', token);
      // The next one need not wait until this job's lease has lapsed.
      await sandbox.until(`the change to be asked for ${at}`, async () =>
        (await sandbox.calls()).some(({ method, path }) => method === 'POST' && path.includes(token.id)),
      );
    }
    for (const token of tokens) await expectOnce(token, 1);
  });
});

describe('a token that was brought back', () => {
  it('is not killed by the old news, and asked about when its secret is reported anew', async () => {
    const token = await driver.issue('langsmith', 'brought back');
    const alert = driver.sign('gitleaks', driver.leakOf(token));
    await driver.deliver(alert);
    const card = await driver.card(token.name, DEAD);
    const asked = await driver.next(() => driver.press(card, 'Undo: activate', 'operator'), /has leaked/);
    await driver.press(asked, 'Yes, activate', 'operator');
    await driver.reads(card, /Active again: it was brought back/);
    await driver.becomes(token, 'active');

    await driver.deliver(alert);
    await driver.quiet();
    expect(await driver.stateOf(token)).toBe('active');

    await driver.report('trufflehog', token);
    await driver.reads(card, /NOT revoked: a person must decide/);
    await driver.quiet();
    expect(await driver.stateOf(token)).toBe('active');
    // Killed, brought back: what a person decided is not undone by a machine.
    expect(await driver.mutationsOf(token)).toBe(2);
    expect(await driver.cards(token.name)).toHaveLength(1);
    expect(wordsOf(await driver.now(card))).toMatch(/Reported 2 times by/);
  });
});
