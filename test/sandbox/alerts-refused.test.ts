import { randomBytes } from 'node:crypto';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SignedAlert } from '#infra/sandbox/senders/sender.ts';
import type { StandInToken } from '#infra/sandbox/kit/stand-in.ts';
import { type AlertDriver, createAlertDriver } from '#test/support/alert-driver.ts';
import '#test/support/contain-no-secret.ts';
import { startTestSandbox, type TestSandbox } from '#test/support/sandbox.ts';

let sandbox: TestSandbox;
let driver: AlertDriver;
let secrets: SecretsManagerClient;
let token: StandInToken;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  driver = createAlertDriver(sandbox);
  secrets = new SecretsManagerClient({
    region: 'eu-central-1',
    endpoint: sandbox.ready.aws.secretsManager,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  token = await driver.issue('langsmith', 'never touched');
});
afterAll(async () => {
  expect(await driver.stateOf(token)).toBe('active');
  expect(await driver.everything()).toContainNoSecret((await sandbox.tokens()).map(({ secret }) => secret));
  await sandbox.stop();
});

/** Makes a new version of a source's secret, as a rotation does. */
const rotate = (source: string, SecretString: string) =>
  secrets.send(
    new PutSecretValueCommand({ SecretId: sandbox.ready.aws.secretNames.alerts[source] ?? '', SecretString }),
  );
const restart = () => sandbox.post('restart', { function: 'alert-edge' });

/** Delivers and expects a refusal that leaves no trace in the queue. */
async function expectRefused(alert: SignedAlert, status: number): Promise<void> {
  const before = await driver.queued();
  expect(await driver.deliver(alert)).toEqual({ status, body: '' });
  expect(await driver.queued()).toBe(before);
}

const leak = () => driver.leakOf(token);
/** The same alert without its key, with a wrong one, and with the one of another sender. */
const SIGNED_BY = {
  github: 'x-hub-signature-256',
  gitguardian: 'gitguardian-signature',
  gitlab: 'authorization',
  'gitlab-partner': 'x-gitlab-token',
  'trufflehog-enterprise': 'x-hub-signature',
  trufflehog: 'webhook-signature',
  gitleaks: 'webhook-signature',
  generic: 'webhook-signature',
  'github-partner': 'github-public-key-signature',
} as const;
type Signer = keyof typeof SIGNED_BY;
const SIGNERS = Object.keys(SIGNED_BY) as Signer[];

function forge(sender: Signer, value: string | undefined): SignedAlert {
  const alert = driver.sign(sender, leak());
  const { [SIGNED_BY[sender]]: _, ...others } = alert.headers;
  return { ...alert, headers: value === undefined ? others : { ...others, [SIGNED_BY[sender]]: value } };
}

describe('nothing is queued, and no more than 401 is said,', () => {
  it.each(SIGNERS)('for an alert of %s without a signature, with an empty or with a wrong one', async (sender) => {
    const genuine = driver.sign(sender, leak()).headers[SIGNED_BY[sender]] ?? '';
    // Digits are of every alphabet that is used, so that the form stays as it is.
    const wrong = genuine.replace(/.{3}(?==*$)/, (end) => (end === '000' ? '111' : '000'));
    expect(wrong).not.toBe(genuine);
    for (const value of [undefined, '', wrong]) await expectRefused(forge(sender, value), 401);
  });

  it('for an alert that is signed with the secret of another source', async () => {
    const { trufflehog, gitleaks, generic } = sandbox.ready.alerts.secrets;
    expect(new Set([trufflehog, gitleaks, generic]).size).toBe(3);
    const body = driver.sign('generic', leak()).body;
    const asGitleaks = driver.signWebhook('gitleaks', body);
    const asTrufflehog = driver.signWebhook('trufflehog', body);
    await expectRefused({ ...asGitleaks, path: '/alerts/generic' }, 401);
    await expectRefused({ ...asTrufflehog, path: '/alerts/gitleaks' }, 401);
  });

  it('for a body that was changed by one byte, or that is old or from the future', async () => {
    const { body } = driver.sign('generic', leak());
    const genuine = driver.signWebhook('generic', body);
    await expectRefused({ ...genuine, body: body.replace('nightly', 'nightlY') }, 401);
    await expectRefused({ ...genuine, body: `${body}\n` }, 401);
    const minutes = (count: number) => new Date(Date.now() + count * 60_000);
    await expectRefused(driver.signWebhook('generic', body, 'old', minutes(-10)), 401);
    await expectRefused(driver.signWebhook('generic', body, 'early', minutes(10)), 401);
  });

  it('for an SNS message of a topic that is not on the list, or of a foreign certificate', async () => {
    const { sns } = sandbox.ready.alerts.secrets;
    const signed = driver.sign('sns', leak());
    const message = JSON.parse(signed.body) as Record<string, string>;
    const foreign = JSON.stringify({ ...message, TopicArn: `${sns.topicArn}-other` });
    await expectRefused({ ...signed, body: foreign }, 401);
    const elsewhere = JSON.stringify({ ...message, SigningCertURL: 'https://sns.evil.example/cert.pem' });
    await expectRefused({ ...signed, body: elsewhere }, 401);
  });
});

describe('the answer is', () => {
  it('404 for a source that does not exist or is switched off, 405 for a wrong method', async () => {
    const genuine = driver.sign('generic', leak());
    await expectRefused({ ...genuine, path: '/alerts/nobody' }, 404);
    await expectRefused({ ...genuine, path: '/alerts/generic/extra' }, 404);
    await expectRefused({ ...genuine, path: '/alerts/__proto__' }, 404);
    const got = await fetch(`${sandbox.ready.alerts.endpoint}/gitlab/v1/revoke_tokens`);
    expect(got.status).toBe(405);
  });

  it('400 with the reason for what is signed and cannot be read; it is queued to be told, and tokens in it are found', async () => {
    const expectUnread = async (alert: SignedAlert, error: string) => {
      const before = await driver.queued();
      expect(await driver.deliver(alert)).toEqual({ status: 400, body: JSON.stringify({ error }) });
      expect(await driver.queued()).toBe(before + 1);
    };
    for (const body of ['{"broken', '', '[[[', '"text"', '17']) {
      await expectUnread(driver.signWebhook('generic', body), 'body holds no JSON');
    }
    await expectUnread(driver.signWebhook('gitleaks', '{'.repeat(2000)), 'body holds no JSON');
    await expectUnread(driver.signPartner('{"not":"a list"}'), 'body is not a list');

    const found = await driver.issue('langsmith', 'in a broken body');
    const answer = await driver.deliver(driver.signWebhook('generic', `{"secret":"${found.secret}`));
    expect(answer).toEqual({ status: 202, body: '' });
    await driver.card('in a broken body', /Deactivated, confirmed\./);
  });

  it('503 while the queue takes nothing, and the same alert is taken when it does', async () => {
    const late = await driver.issue('langsmith', 'queue was down');
    const alert = driver.sign('generic', driver.leakOf(late));
    await sandbox.fault('sqs', { mode: 'down' });
    expect((await driver.deliver(alert)).status).toBe(503);
    await sandbox.fault('sqs', { mode: 'none' });
    expect((await driver.deliver(alert)).status).toBe(202);
    await driver.card('queue was down', /Deactivated, confirmed\./);
  });
});

/** An HTTP event as each front hands it over. */
const FRONTS: Readonly<Record<string, (alert: SignedAlert) => object>> = {
  'API Gateway REST (v1)': ({ path, headers, body }) => ({
    resource: '/alerts/{source}',
    path,
    httpMethod: 'POST',
    headers,
    multiValueHeaders: toLists(headers),
    requestContext: { httpMethod: 'POST', path: `/prod${path}`, stage: 'prod', resourcePath: '/alerts/{source}' },
    body,
    isBase64Encoded: false,
  }),
  'a function URL': ({ path, headers, body }) => ({
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: '',
    headers,
    requestContext: { http: { method: 'POST', path }, domainName: 'abc.lambda-url.eu-central-1.on.aws' },
    body: Buffer.from(body).toString('base64'),
    isBase64Encoded: true,
  }),
  'a load balancer': ({ path, headers, body }) => ({
    requestContext: {
      elb: { targetGroupArn: 'arn:aws:elasticloadbalancing:eu-central-1:000000000000:targetgroup/p/1' },
    },
    httpMethod: 'POST',
    path,
    queryStringParameters: {},
    headers,
    body,
    isBase64Encoded: false,
  }),
  'a load balancer with lists of header values': ({ path, headers, body }) => ({
    requestContext: {
      elb: { targetGroupArn: 'arn:aws:elasticloadbalancing:eu-central-1:000000000000:targetgroup/p/1' },
    },
    httpMethod: 'POST',
    path,
    multiValueQueryStringParameters: {},
    multiValueHeaders: toLists(headers),
    body: Buffer.from(body).toString('base64'),
    isBase64Encoded: true,
  }),
};

function toLists(headers: Readonly<Record<string, string>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [upper(name), [value]]));
}

/** Fronts of version 1 keep the sender's spelling. */
const upper = (name: string) =>
  name.replaceAll(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase());

describe('behind any front', () => {
  it.each(Object.keys(FRONTS))('an alert is verified and taken: %s', async (front) => {
    const found = await driver.issue('langsmith', `behind ${front}`);
    const alert = driver.sign('generic', driver.leakOf(found));
    const event = FRONTS[front]!(alert);
    expect(await driver.invoke(event)).toMatchObject({ statusCode: 202 });
    await driver.card(found.name, /Deactivated, confirmed\./);
    expect(await driver.stateOf(found)).toBe('inactive');

    const before = await driver.queued();
    const other = { ...alert, body: alert.body.replace('nightly', 'Nightly') };
    expect(await driver.invoke(FRONTS[front]!(other))).toMatchObject({ statusCode: 401 });
    const bare = { ...FRONTS[front]!(alert), headers: null, multiValueHeaders: null };
    expect(await driver.invoke(bare)).toMatchObject({ statusCode: 401 });
    expect(await driver.queued()).toBe(before);
  });

  it('two values of a signature are refused, and what is no request is answered 400', async () => {
    const alert = driver.sign('generic', leak());
    const event = FRONTS['API Gateway REST (v1)']!(alert) as { multiValueHeaders: Record<string, string[]> };
    const [signature = ''] = event.multiValueHeaders['Webhook-Signature'] ?? [];
    const twice = { ...event.multiValueHeaders, 'Webhook-Signature': [signature, signature] };
    expect(await driver.invoke({ ...event, multiValueHeaders: twice })).toMatchObject({ statusCode: 401 });
    expect(await driver.invoke({ nothing: true })).toMatchObject({ statusCode: 400 });
    expect(await driver.invoke([])).toMatchObject({ statusCode: 400 });
  });
});

describe('a secret of a source', () => {
  it('is rotated without a restart: both versions are accepted until the next one, and then the old one is not', async () => {
    const first = sandbox.ready.alerts.secrets.generic;
    const next = () => `whsec_${randomBytes(24).toString('base64')}`;
    const [second, third] = [next(), next()];
    const status = async (secret: string) =>
      (await driver.deliver(driver.signWebhook('generic', '{"note":"rotated"}', undefined, undefined, secret))).status;
    expect(await status(first)).toBe(202);
    await rotate('generic', second);
    await sandbox.until('the new version to be accepted', async () => (await status(second)) === 202, 10_000);
    expect(await status(first)).toBe(202);
    await rotate('generic', third);
    await sandbox.until('the newest version to be accepted', async () => (await status(third)) === 202, 10_000);
    expect(await status(second)).toBe(202);
    expect(await status(first)).toBe(401);
  });

  it.each([
    ['that another source has too', () => sandbox.ready.alerts.secrets.gitleaks, 'trufflehog', /has the same secret/],
    ['that is too short', () => 'fifteen-bytes!!', 'gitguardian', /under 16 bytes/],
    ['that was never filled in', () => '${GITHUB_WEBHOOK_SECRET}', 'github', /placeholder/],
  ])('%s is not served, and the log says why', async (_, value, source, why) => {
    const before = sandbox.ready.alerts.secrets[source as 'github'];
    await rotate(source, value());
    await restart();
    await expectRefused(driver.sign(source, leak()), 503);
    const lines = (await sandbox.logs()).filter(({ text }) => text.includes('config_invalid')).map(({ text }) => text);
    expect(lines.join('\n')).toMatch(why);
    expect(lines).toContainNoSecret([before]);
    // The others are not hindered.
    expect((await driver.deliver(driver.signPartner('[]'))).status).toBe(200);
  });
});
