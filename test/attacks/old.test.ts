import { randomBytes } from 'node:crypto';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect } from 'vitest';
import { signCommand } from '#infra/sandbox/slack/sign.ts';
import { type AlertDriver, createAlertDriver } from '#test/support/alert-driver.ts';
import { attack } from '#test/support/attack.ts';
import { wordsOf } from '#test/support/slack-talk.ts';
import { startTestSandbox, type TestSandbox } from '#test/support/sandbox.ts';

const DAY = 86_400;
const WORKERS = ['alert-edge', 'alert-worker'] as const;
let sandbox: TestSandbox;
let driver: AlertDriver;
let secrets: SecretsManagerClient;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  driver = createAlertDriver(sandbox);
  secrets = new SecretsManagerClient({
    region: 'eu-central-1',
    endpoint: sandbox.ready.aws.secretsManager,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
});
afterAll(() => sandbox.stop());

/** Makes a new version of a secret, and lets time pass for one function. */
async function rotate(SecretId: string, SecretString: string, offsetSeconds: number, edge: string): Promise<void> {
  await secrets.send(new PutSecretValueCommand({ SecretId, SecretString }));
  await sandbox.post('clock', { offsetSeconds });
  await sandbox.post('restart', { function: edge });
}

/** Lets time pass for what handles alerts. */
async function wait(seconds: number): Promise<void> {
  await sandbox.post('clock', { offsetSeconds: seconds });
  for (const name of WORKERS) await sandbox.post('restart', { function: name });
}

attack(
  {
    name: 'an-old-message-again',
    finding: 20,
    does: 'keeps a genuine message of a sender that signs no time, and sends it again when it is forgotten and the token restored',
    holds: 'it asks: the very same message was seen before, for a year',
    without: [
      {
        file: 'shared/policy/decide-leak.ts',
        replace: 'cameBefore === true',
        by: "cameBefore === ('never' as unknown)",
      },
    ],
  },
  async () => {
    const token = await driver.issue('langsmith', 'reported a month ago');
    const alert = driver.sign('github-partner', driver.leakOf(token));
    await driver.deliver(alert);
    const card = await driver.card(token.name, /Deactivated, confirmed\./);
    await driver.quiet();
    await driver.reinstate(token);
    await wait(31 * DAY);
    await driver.deliver(alert);
    await driver.reads(card, /a person must decide/);
    await driver.quiet();
    expect(await driver.stateOf(token)).toBe('active');
  },
);

attack(
  {
    name: 'the-same-bytes-again',
    finding: 13,
    does: 'brings a killed token back at the provider, and relies on a scanner reporting it in the very same bytes, as one that was handled',
    holds:
      'what is sent again later is read afresh: the card says that the token works, and asks, since an old message may be sent again by anybody',
    without: [
      {
        file: 'shared/alerts/handle-leak.ts',
        replace: 'first.replayed ? await sentAgain(deps, job, first.value) : undefined',
        by: 'first.replayed && job.v > 1 ? await sentAgain(deps, job, first.value) : undefined',
      },
    ],
  },
  async () => {
    await wait(0);
    const token = await driver.issue('langsmith', 'reported in the same bytes');
    const alert = driver.sign('github-partner', driver.leakOf(token));
    await driver.deliver(alert);
    const card = await driver.card(token.name, /Deactivated, confirmed\./);
    await driver.quiet();
    await driver.reinstate(token);
    await wait(DAY);
    await driver.deliver(alert);
    expect(wordsOf(await driver.reads(card, /a person must decide/))).not.toMatch(/Deactivated, confirmed/);
    expect(await driver.stateOf(token)).toBe('active');
    await wait(0);
  },
);

attack(
  {
    name: 'old-slack-signing-secret',
    finding: 3,
    does: 'signs a command as an admin with a signing secret that was regenerated eleven minutes ago because it had leaked',
    holds: 'it is answered 401 and nothing is queued, while the new secret works',
    without: [{ file: 'shared/slack/slack-secret.ts', replace: '10 * 60_000', by: 'Number.POSITIVE_INFINITY' }],
  },
  async () => {
    const signingSecret = randomBytes(16).toString('hex');
    await rotate(sandbox.ready.aws.secretNames.slack, JSON.stringify({ signingSecret }), 660, 'slack-edge');
    const at = new Date(Date.now() + 660_000);
    const before = (await sandbox.history()).length;
    expect((await driver.send(signCommand(driver.sender('admin', { at }), 'list'))).status).toBe(401);
    expect((await sandbox.history()).length).toBe(before);
    expect((await driver.send(signCommand(driver.sender('admin', { at, signingSecret }), 'list'))).status).toBe(200);
  },
);

attack(
  {
    name: 'old-source-secret',
    finding: 3,
    does: 'signs an alert with a source’s secret from before a rotation, more than a day later',
    holds: 'it is answered 401 and nothing is queued, while the new secret works',
    without: [{ file: 'shared/alerts/verify/keyring.ts', replace: '24 * 60 * 60_000', by: 'Number.POSITIVE_INFINITY' }],
  },
  async () => {
    const name = sandbox.ready.aws.secretNames.alerts['generic'] ?? '';
    const fresh = `whsec_${randomBytes(24).toString('base64')}`;
    await rotate(name, fresh, DAY + 60, 'alert-edge');
    const at = new Date(Date.now() + (DAY + 60) * 1000);
    const status = async (secret?: string) =>
      (await driver.deliver(driver.signWebhook('generic', '{"note":"a report"}', undefined, at, secret))).status;
    expect(await status()).toBe(401);
    expect(await status(fresh)).toBe(202);
  },
);
