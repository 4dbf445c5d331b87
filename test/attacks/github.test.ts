import { beforeAll, expect } from 'vitest';
import { signRecorded } from '#infra/sandbox/senders/alert-senders.ts';
import { type AlertDriver, createAlertDriver } from '#test/support/alert-driver.ts';
import { attack } from '#test/support/attack.ts';
import type { TestSandbox } from '#test/support/sandbox.ts';
import { sharedSandbox } from '#test/support/shared-sandbox.ts';

let sandbox: TestSandbox;
let driver: AlertDriver;

beforeAll(async () => {
  sandbox = await sharedSandbox();
  driver = createAlertDriver(sandbox);
});

const alertBody = (number: number, more: object = {}) => ({
  action: 'created',
  alert: { number, secret_type: 'aws_access_key_id', ...more },
  repository: { full_name: 'acme/payments' },
});

/** Sends what these senders would sign, and waits until nothing is under way any more. */
async function report(source: 'github' | 'sns', body: object): Promise<void> {
  const signed = signRecorded(source, Buffer.from(JSON.stringify(body)), {
    secret: sandbox.ready.alerts.secrets[source],
  });
  expect((await driver.deliver({ ...signed, body: String(signed.body) })).status).toBe(202);
  await driver.quiet();
}

attack(
  {
    name: 'alert-that-names-another',
    finding: 9,
    does: 'sends, with the secret of GitHub’s webhook, an alert whose place is another one’s and whose text quotes a key of ours',
    holds: 'the other alert stays open: what is fetched from there is not the secret of a dead token',
    without: [
      {
        file: 'shared/alerts/seal-delivery.ts',
        replace: 'finding.locator === undefined ? cluesOf(finding, quoted, tools) : []',
        by: 'cluesOf(finding, quoted, tools)',
      },
      {
        file: 'shared/alerts/fetch-alert-secret.ts',
        replace: 'if (locator === undefined)',
        by: 'if (locator === undefined || known)',
      },
      {
        file: 'shared/alerts/github-answerer.ts',
        replace: 'if (found.length === 0 || !found.every((clue) => clue !== undefined && clueKey(clue) === dead))',
        by: 'if (dead === "")',
      },
    ],
  },
  async () => {
    const token = await driver.issue('langsmith', 'alert that names another');
    const other = { repository: 'acme/payments', number: 4711, secret: 'AKIAIOSFODNN7EXAMPLE', secret_type: 'aws' };
    await sandbox.post('github/alerts', other);
    await report('github', alertBody(4711, { html_url: `https://github.com/?q=${token.secret}` }));
    const alerts = await driver.githubAlerts();
    expect(alerts.find(({ number }) => number === 4711)).toMatchObject({ state: 'open' });
  },
);

attack(
  {
    name: 'alert-with-a-second-secret',
    finding: 9,
    does: 'writes a token that may die before another one, where a pattern of the owner’s takes both for one secret',
    holds: 'both are looked for and die, and the alert stays open: a person sees to what else is in it',
    without: [
      {
        file: 'shared/alerts/github-answerer.ts',
        replace: '!found.every((clue)',
        by: '!found.some((clue)',
      },
    ],
  },
  async () => {
    const tokens = [await driver.issue('langsmith', 'first of two'), await driver.issue('langsmith', 'second of two')];
    const secret = tokens.map((token) => token.secret).join(' ');
    await sandbox.post('github/alerts', { repository: 'acme/payments', number: 4713, secret, secret_type: 'acme_env' });
    await report('github', alertBody(4713));
    const alerts = await driver.githubAlerts();
    for (const token of tokens) await driver.becomes(token, 'inactive');
    expect(alerts.find(({ number }) => number === 4713)).toMatchObject({ state: 'open' });
  },
);

attack(
  {
    name: 'alert-in-an-envelope',
    finding: 9,
    does: 'puts the form of a GitHub alert into an SNS message, for which GitHub’s secret is not needed',
    holds: 'it is told, and no alert is fetched or closed for it',
    without: [
      {
        file: 'shared/alerts/sources/read-wrapped.ts',
        replace: 'return toldOnly(readGithubAlert(body))',
        by: 'return readGithubAlert(body)',
      },
    ],
  },
  async () => {
    const token = await driver.issue('langsmith', 'alert in an envelope');
    await sandbox.post('github/alerts', {
      repository: 'acme/payments',
      number: 4712,
      secret: token.secret,
      secret_type: 'x',
    });
    const calls = async () => (await sandbox.calls()).filter(({ provider }) => provider === 'github').length;
    const before = await calls();
    await report('sns', alertBody(4712));
    expect([await calls(), await driver.stateOf(token)]).toEqual([before, 'active']);
  },
);
