import { createHmac, createPrivateKey, randomBytes, sign as signBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterAll } from 'vitest';
import { hmslHash } from '#infra/sandbox/senders/by-source/gitguardian.ts';
import { createCertificate } from '#infra/sandbox/sns/certificate.ts';
import { createPartnerKey, startGithub } from '#infra/sandbox/github/github.ts';
import { startSns } from '#infra/sandbox/sns/sns.ts';
import { signSnsMessage } from '#infra/sandbox/senders/sign-sns-message.ts';
import { generic } from '#shared/alerts/sources/generic.ts';
import { github } from '#shared/alerts/sources/github.ts';
import { createGithubPartner } from '#shared/alerts/sources/github-partner.ts';
import { gitguardian } from '#shared/alerts/sources/gitguardian.ts';
import { gitlab } from '#shared/alerts/sources/gitlab.ts';
import { gitleaks } from '#shared/alerts/sources/gitleaks.ts';
import { createSns } from '#shared/alerts/sources/sns.ts';
import { trufflehog } from '#shared/alerts/sources/trufflehog.ts';
import { trufflehogEnterprise } from '#shared/alerts/sources/trufflehog-enterprise.ts';
import { createFetchPublic } from '#shared/alerts/verify/fetch-public.ts';
import { createPartnerKeys } from '#shared/alerts/verify/partner-keys.ts';
import { createFetchCertificate } from '#shared/alerts/verify/verify-sns-message.ts';
import { NOW } from '#test/support/alerts.ts';
import { describeSource, type Signing, type SourceUnderTest } from './source-suite.ts';

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const seconds = (at: Date) => String(Math.floor(at.getTime() / 1000));
const hex = (key: string, body: Buffer) => createHmac('sha256', key).update(body).digest('hex');
const plainSecrets = () => ({
  current: randomBytes(20).toString('hex'),
  previous: randomBytes(20).toString('hex'),
  stranger: randomBytes(20).toString('hex'),
});
const whsec = () => `whsec_${randomBytes(32).toString('base64')}`;
const whsecSecrets = () => ({ current: whsec(), previous: whsec(), stranger: whsec() });

/** Signs with the reference library of Standard Webhooks. */
const standardWebhooks =
  (current: string) =>
  ({ body, secret = current, at = NOW, id = 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W' }: Signing) => ({
    'webhook-id': id,
    'webhook-timestamp': seconds(at),
    // The library takes text only: bytes that are no UTF-8 are signed by hand with the same key.
    'webhook-signature':
      Buffer.from(body.toString()).equals(body) && secret.startsWith('whsec_')
        ? new Webhook(secret).sign(id, at, body.toString())
        : `v1,${createHmac('sha256', Buffer.from(secret.replace('whsec_', ''), 'base64'))
            .update(`${id}.${seconds(at)}.`)
            .update(body)
            .digest('base64')}`,
  });
const STANDARD = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const;

const githubSecrets = plainSecrets();
const githubAlert = (action: string, more: object = {}, text = 'acme/payments') =>
  json({
    action,
    alert: { number: 7, html_url: `https://github.com/acme/payments/security/secret-scanning/7?${text}`, ...more },
    repository: { full_name: 'acme/payments' },
  });

const githubUnderTest: SourceUnderTest = {
  title: 'github',
  source: github,
  secrets: githubSecrets,
  sign: ({ body, secret = githubSecrets.current }) => ({
    'x-github-event': 'secret_scanning_alert',
    'x-hub-signature-256': `sha256=${hex(secret, body)}`,
  }),
  proof: ['x-hub-signature-256'],
  covers: { body: true },
  report: (_secrets, text) => githubAlert('created', text === 'another' ? { number: 8 } : {}, text),
  brings: 'a place to look',
  ignored: {
    'our own closing': githubAlert('resolved', { resolution: 'revoked' }),
    'an assignment': githubAlert('assigned'),
    'a secret that is invalid by now': githubAlert('validated', { validity: 'inactive' }),
    'a code scanning alert': githubAlert('created', { rule: { id: 'js/xss' } }),
    'a ping': json({ zen: 'Keep it logically awesome.', hook_id: 1 }),
  },
  unknown: { body: json({ hello: 'world' }), status: [200, 400] },
};

const gitguardianSecrets = plainSecrets();
const incident = (action: string, secret: string, text = 'run.sh') =>
  json({
    source: 'GitGuardian',
    timestamp: NOW.toISOString(),
    action,
    incident: {
      id: 1,
      detector: { name: 'generic_high_entropy_secret', display_name: 'Generic High Entropy Secret' },
      hmsl_hash: hmslHash(secret),
      gitguardian_url: 'https://dashboard.gitguardian.com/workspace/1/incidents/1',
      share_url: 'https://dashboard.gitguardian.com/share/incidents/capability',
    },
    occurrence: { filepath: text },
  });
const gitguardianUnderTest: SourceUnderTest = {
  title: 'gitguardian',
  source: gitguardian,
  secrets: gitguardianSecrets,
  sign: ({ body, secret = gitguardianSecrets.current, at = NOW }) => ({
    timestamp: seconds(at),
    'gitguardian-signature': `sha256=${hex(`${seconds(at)}${secret}`, body)}`,
  }),
  proof: ['timestamp', 'gitguardian-signature'],
  covers: { body: true, minutes: 5 },
  report: ([secret = ''], text) => incident('incident_triggered', secret, text),
  brings: 'a hash',
  ignored: {
    'a resolved incident': incident('incident_resolved', 'x'),
    'an assignment': incident('incident_assigned', 'x'),
    'something without an incident': json({ source: 'GitGuardian', action: 'ping' }),
  },
  unknown: { body: json({ hello: 'world' }), status: [200, 400] },
  test: json({
    author: { info: 'a@example.com', name: 'A' },
    origin: { provider: 'github' },
    date: NOW.toISOString(),
    type: 'Generic High Entropy Secret',
    policy: 'Secrets detection',
    gitguardian_link: 'https://dashboard.gitguardian.com/test',
    matches: [{ name: 'apikey', string_matched: `lsv2_pt_${'0'.repeat(32)}_0123456789` }],
  }),
};

const gitlabSecrets = plainSecrets();
const tokens = (secrets: readonly string[], text = 'https://gitlab.example/acme/payments/-/blob/main/run.sh') =>
  json(secrets.map((token) => ({ type: 'gitleaks_rule_id_generic-api-key', token, location: text })));
const gitlabIgnored = {
  'another hook': json({ object_kind: 'push', project: { id: 1 } }),
  'another kind of vulnerability': json({
    object_kind: 'vulnerability',
    object_attributes: { report_type: 'sast', state: 'detected' },
  }),
  'a vulnerability that was dismissed': json({
    object_kind: 'vulnerability',
    object_attributes: { report_type: 'secret_detection', state: 'dismissed' },
  }),
  'an empty list': json([]),
  'an empty report': json({ version: '15.0.0', vulnerabilities: [] }),
};
const gitlabTokenUnderTest: SourceUnderTest = {
  title: 'gitlab (token)',
  source: gitlab,
  secrets: gitlabSecrets,
  sign: ({ secret = gitlabSecrets.current }) => ({ 'x-gitlab-token': secret }),
  proof: ['x-gitlab-token'],
  covers: { body: false },
  report: tokens,
  brings: 'many',
  ignored: gitlabIgnored,
  unknown: { body: json([{ hello: 'world' }]), status: [400] },
};
const gitlabRevokeUnderTest: SourceUnderTest = {
  ...gitlabTokenUnderTest,
  title: 'gitlab (revocation API)',
  subpath: '/v1/revoke_tokens',
  sign: ({ secret = gitlabSecrets.current }) => ({ authorization: secret }),
  proof: ['authorization'],
  ignored: { 'an empty list': json([]) },
};
const gitlabSigningSecrets = whsecSecrets();
const gitlabSignedUnderTest: SourceUnderTest = {
  title: 'gitlab (signed)',
  source: gitlab,
  secrets: gitlabSigningSecrets,
  sign: standardWebhooks(gitlabSigningSecrets.current),
  proof: STANDARD,
  covers: { body: true, minutes: 5 },
  report: tokens,
  brings: 'many',
  ignored: gitlabIgnored,
  unknown: { body: json([{ hello: 'world' }]), status: [400] },
};

const trufflehogSecrets = whsecSecrets();
const line = (secret: string, text = 'run.sh') => ({
  SourceMetadata: { Data: { Git: { commit: 'abc', file: text, email: 'a@example.com', line: 3 } } },
  DetectorName: 'PrivateKey',
  Verified: false,
  Raw: secret,
  RawV2: '',
});
const trufflehogUnderTest: SourceUnderTest = {
  title: 'trufflehog',
  source: trufflehog,
  secrets: trufflehogSecrets,
  sign: standardWebhooks(trufflehogSecrets.current),
  proof: STANDARD,
  covers: { body: true, minutes: 5 },
  report: (secrets, text) => Buffer.from(secrets.map((secret) => JSON.stringify(line(secret, text))).join('\n')),
  brings: 'many',
  ignored: { 'no line at all': Buffer.from(''), 'blank lines': Buffer.from('\n\n') },
  unknown: { body: json({ rule: { id: 'high-entropy' }, secret: 'x' }), status: [400] },
};
const enterpriseSecrets = plainSecrets();
const enterpriseUnderTest: SourceUnderTest = {
  title: 'trufflehog (enterprise)',
  source: trufflehogEnterprise,
  subpath: '/enterprise',
  secrets: enterpriseSecrets,
  sign: ({ body, secret = enterpriseSecrets.current }) => ({ 'x-hub-signature': hex(secret, body) }),
  proof: ['x-hub-signature'],
  covers: { body: true },
  report: ([raw], text = 'run.sh') =>
    json({ source_type: 'SOURCE_TYPE_GIT', detector_name: 'X', raw, source_metadata: { git: { file: text } } }),
  brings: 'one',
  ignored: { 'something without a source': json({ hello: 'world' }) },
  unknown: { body: json({ hello: 'world' }), status: [200, 400] },
};

const gitleaksSecrets = whsecSecrets();
const gitleaksUnderTest: SourceUnderTest = {
  title: 'gitleaks',
  source: gitleaks,
  secrets: gitleaksSecrets,
  sign: standardWebhooks(gitleaksSecrets.current),
  proof: STANDARD,
  covers: { body: true, minutes: 5 },
  report: (secrets, text = 'run.sh') =>
    json(secrets.map((Secret) => ({ RuleID: 'generic-api-key', Secret, Match: `key=${Secret}`, File: text }))),
  brings: 'many',
  ignored: { 'an empty list': json([]), 'null, as version 7 wrote': Buffer.from('null\n') },
  unknown: { body: json([{ hello: 'world' }]), status: [400] },
};

const genericSecrets = whsecSecrets();
const genericUnderTest: SourceUnderTest = {
  title: 'generic',
  source: generic,
  secrets: genericSecrets,
  sign: standardWebhooks(genericSecrets.current),
  proof: STANDARD,
  covers: { body: true, minutes: 5 },
  report: (secrets, text = 'found by hand') => json({ findings: secrets.map((secret) => ({ secret, note: text })) }),
  brings: 'many',
  ignored: { 'an empty list': json([]), 'no findings': json({ findings: [] }) },
  unknown: { body: json({ hello: 'world' }), status: [400] },
  test: json({ secret: 'whatever', test: true }),
};

const server = await startGithub();
afterAll(() => server.close());
const strangerKey = createPartnerKey();
const signPartner = (key: { keyIdentifier: string; privateKeyPem: string }, body: Buffer) => ({
  'github-public-key-identifier': key.keyIdentifier,
  'github-public-key-signature': signBytes('sha256', body, createPrivateKey(key.privateKeyPem)).toString('base64'),
});
const partnerKeys = createPartnerKeys({
  url: new URL(`${server.url}/meta/public_keys/secret_scanning`),
  fetchPublic: createFetchPublic(fetch),
  now: () => NOW,
});
const partnerUnderTest: SourceUnderTest = {
  title: 'github-partner',
  source: createGithubPartner(partnerKeys),
  sign: ({ body }) => signPartner(server.partnerKey, body),
  signAsStranger: ({ body }) => signPartner(strangerKey, body),
  proof: ['github-public-key-identifier', 'github-public-key-signature'],
  covers: { body: true },
  report: (secrets, text = '') => json(secrets.map((token) => ({ token, type: 'x', url: text, source: 'content' }))),
  brings: 'many',
  ignored: { 'an empty list': json([]) },
  unknown: { body: json([{ hello: 'world' }]), status: [400] },
};

const sns = await startSns({ now: () => NOW });
afterAll(() => sns.close());
const strangerCertificate = await createCertificate('sns.amazonaws.com', NOW);
const snsSource = createSns({
  topics: [sns.topicArn],
  fetchCertificate: createFetchCertificate({
    fetchPublic: createFetchPublic(fetch),
    endpoint: sns.url,
    now: () => NOW,
  }),
});
const wrapInSns =
  (version: '1' | '2') =>
  ({ body, at = NOW, id = 'b1c2' }: Signing, as: 'sender' | 'stranger') =>
    json(
      signSnsMessage(
        {
          Type: 'Notification',
          MessageId: id,
          TopicArn: sns.topicArn,
          Subject: 'Leaked token',
          Message: body.toString(),
          Timestamp: at.toISOString(),
          SignatureVersion: version,
          SigningCertURL: sns.signingCertUrl,
          UnsubscribeURL: 'https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe',
        },
        as === 'sender' ? sns.privateKeyPem : strangerCertificate.privateKeyPem,
      ),
    );
const snsUnderTest = (version: '1' | '2'): SourceUnderTest => ({
  title: `sns (version ${version})`,
  source: snsSource,
  sign: () => ({}),
  wrap: wrapInSns(version),
  proof: [],
  covers: { body: true, minutes: 60 },
  report: genericUnderTest.report,
  brings: 'many',
  ignored: {
    'an empty list': json([]),
    'our own closing of a GitHub alert': githubAlert('resolved', { resolution: 'revoked' }),
    'another action of GitGuardian': incident('incident_resolved', 'x'),
  },
  unknown: { body: githubAlert('assigned'), status: [200] },
});

const ALL = [
  githubUnderTest,
  partnerUnderTest,
  gitguardianUnderTest,
  gitlabTokenUnderTest,
  gitlabRevokeUnderTest,
  gitlabSignedUnderTest,
  trufflehogUnderTest,
  enterpriseUnderTest,
  gitleaksUnderTest,
  genericUnderTest,
  snsUnderTest('1'),
  snsUnderTest('2'),
];
for (const source of ALL) describeSource(source, ALL);
