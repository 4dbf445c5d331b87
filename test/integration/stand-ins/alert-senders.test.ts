import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALERT_SENDERS, signAlert } from '#infra/sandbox/senders/alert-senders.ts';
import { eventBridgeEvent } from '#infra/sandbox/senders/eventbridge-event.ts';
import { hmslHash } from '#infra/sandbox/senders/by-source/gitguardian.ts';
import { createCertificate } from '#infra/sandbox/sns/certificate.ts';
import { createPartnerKey } from '#infra/sandbox/github/partner-key.ts';
import { makeSharedSecrets } from '#infra/sandbox/secrets/seeds.ts';
import type { AlertSecrets, Leak, SignedAlert } from '#infra/sandbox/senders/sender.ts';
import { type SnsStandIn, startSns } from '#infra/sandbox/sns/sns.ts';
import { signSnsConfirmation, snsLambdaEvent } from '#infra/sandbox/senders/sign-sns-message.ts';
import { createRoutes } from '#shared/alerts/routes.ts';
import { hmslHash as productHmslHash } from '#shared/alerts/watched.ts';
import type { AlertRequest, Finding } from '#shared/alerts/source.ts';
import { Secret } from '#shared/core/secret.ts';

const AT = new Date('2026-11-22T12:00:00.000Z');
const NOW = AT.getTime() / 1_000;
const partner = createPartnerKey();
const LEAK: Leak = {
  secret: 'lsv2_pt_0123456789ab4cde8f0123456789abcd_0123456789',
  provider: 'langsmith',
  repository: 'acme/payments',
  path: 'ünïcode.sh',
};
let sns: SnsStandIn;
let secrets: AlertSecrets;

beforeAll(async () => {
  sns = await startSns({ now: () => AT });
  secrets = { ...makeSharedSecrets().alerts, 'github-partner': partner, sns };
});
afterAll(() => sns.close());

function receive(
  alert: SignedAlert,
  change: (request: { body: Buffer; headers: Map<string, string[]> }) => void = () => {},
) {
  const routes = createRoutes({
    partnerKeys: () => Promise.resolve(partner.publicKeyPem),
    snsTopics: [sns.topicArn],
    fetchCertificate: async (url) => (await fetch(sns.url + url.pathname)).text(),
  });
  const path = alert.path.replace('/alerts/', '');
  const route = routes.find((one) => one.method === 'POST' && one.path === path);
  if (route === undefined) throw new Error(`no route for ${alert.path}`);
  const headers = new Map(Object.entries(alert.headers).map(([name, value]) => [name, [value]]));
  const sent = { body: Buffer.from(alert.body), headers };
  change(sent);
  const subpath = path.includes('/') ? path.slice(path.indexOf('/')) : '';
  const request: AlertRequest = { subpath, method: 'POST', ...sent };
  const key = secrets[route.source.name as keyof AlertSecrets];
  const keys = typeof key === 'string' ? { current: new Secret(key) } : undefined;
  return {
    verify: async () => route.source.verify(request, keys, NOW),
    findings: async (): Promise<readonly Finding[]> => {
      const reading = await route.source.read(request, NOW);
      return reading.kind === 'findings' ? reading.findings : [];
    },
  };
}

describe.each(ALERT_SENDERS)('the alert of %s', (sender) => {
  const sent = () => signAlert(sender, LEAK, secrets, { at: AT });

  it('verifies where it is meant for, and is read as one finding', async () => {
    const received = receive(sent());
    await received.verify();
    const [finding, ...more] = await received.findings();
    expect(more).toEqual([]);
    const { secret, hmsl, locator } = finding ?? {};
    const known = secret?.expose() === LEAK.secret || hmsl === hmslHash(LEAK.secret) || locator?.number === 1;
    expect(known || sender === 'trufflehog-enterprise').toBe(true);
  });

  it.skipIf(sender.startsWith('gitlab'))('does not verify when a byte is changed', async () => {
    const received = receive(sent(), ({ body }) => {
      const at = body.lastIndexOf('a');
      body.writeUInt8(body.readUInt8(at) ^ 1, at);
    });
    await expect(received.verify()).rejects.toThrow(/signature/);
  });

  it('holds the secret only where that sender tells it', () => {
    // GitHub's alert is fetched, GitGuardian sends a hash, and the third one masks what it has found.
    const keepsItBack = ['github', 'gitguardian', 'trufflehog-enterprise'];
    expect(sent().body.includes(LEAK.secret)).toBe(!keepsItBack.includes(sender));
  });
});

describe('the parts of alerts', () => {
  it('tells GitHub what the alert stands for', () => {
    const { github } = signAlert('github', LEAK, secrets, { number: 42 });
    expect(github).toEqual({
      repository: 'acme/payments',
      number: 42,
      secret: LEAK.secret,
      secret_type: 'langchain_api_personal_key',
      publicly_leaked: false,
    });
  });

  it('signs by Standard Webhooks as its own library does', () => {
    const { headers, body } = signAlert('generic', LEAK, secrets);
    expect(new Webhook(secrets.generic).verify(body, { ...headers })).toMatchObject({ secret: LEAK.secret });
  });

  it('hashes as the product’s own, separately written, HasMySecretLeaked hash', async () => {
    expect(hmslHash(LEAK.secret)).toBe(await productHmslHash(LEAK.secret));
    expect(hmslHash('a')).not.toBe(hmslHash('b'));
  });

  it('builds events that come by IAM', () => {
    expect(eventBridgeEvent(LEAK)).toMatchObject({ version: '0', detail: { secret: LEAK.secret } });
    expect(snsLambdaEvent(LEAK, sns.topicArn)).toMatchObject({ Records: [{ Sns: { TopicArn: sns.topicArn } }] });
  });
});

describe('SNS', () => {
  it.each(['1', '2'] as const)('signs with version %s', async (snsVersion) => {
    await receive(signAlert('sns', LEAK, secrets, { at: AT, snsVersion })).verify();
  });

  it('is not believed with another key', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    const forged = signAlert('sns', LEAK, { ...secrets, sns: { ...sns, privateKeyPem } }, { at: AT });
    await expect(receive(forged).verify()).rejects.toThrow('signature_invalid');
  });

  it('confirms a subscription by the API once, for a token it issued', async () => {
    const token = sns.issueToken();
    await receive(signSnsConfirmation(secrets, token, { at: AT })).verify();
    const confirm = (headers: Record<string, string>, with_ = token) =>
      fetch(sns.url, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: new URLSearchParams({ Action: 'ConfirmSubscription', TopicArn: sns.topicArn, Token: with_ }),
      });
    const authorization = `AWS4-HMAC-SHA256 Credential=AKID/20261122/eu-central-1/sns/aws4_request, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`;
    const signed = { authorization, 'x-amz-date': '20261122T120000Z' };
    expect((await confirm({})).status).toBe(403);
    expect((await confirm(signed, 'another')).status).toBe(400);
    expect((await confirm(signed)).status).toBe(200);
    expect((await confirm(signed)).status).toBe(400);
    expect(sns.confirmations()).toEqual([{ topicArn: sns.topicArn, by: 'api' }]);
  });

  it('notices when somebody opens the SubscribeURL', async () => {
    const url = new URL(JSON.parse(signSnsConfirmation(secrets, sns.issueToken()).body).SubscribeURL);
    expect((await fetch(sns.url + url.search)).status).toBe(200);
    expect(sns.confirmations().at(-1)).toEqual({ topicArn: sns.topicArn, by: 'url' });
  });
});

it('makes certificates that are well formed and signed by themselves', async () => {
  const { certificatePem, privateKeyPem } = await createCertificate('sns.amazonaws.com', AT);
  const certificate = new X509Certificate(certificatePem);
  expect(certificate.subject).toBe('CN=sns.amazonaws.com');
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.checkPrivateKey(generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey)).toBe(false);
  expect(privateKeyPem).toContain('PRIVATE KEY');
  expect(Date.parse(certificate.validFrom)).toBeLessThan(AT.getTime());
  expect(Date.parse(certificate.validTo)).toBeGreaterThan(AT.getTime());
});
