import { createHash, createHmac, createPrivateKey, scryptSync, sign } from 'node:crypto';
import {
  generalBody,
  gitguardianBody,
  githubDelivery,
  gitleaksBody,
  partnerBody,
  revocationBody,
} from './alert-bodies.ts';
import { type AlertSecrets, complete, type Leak, type SendOptions, type SignedAlert } from './signed-alert.ts';
import { signSnsNotification } from './sns-messages.ts';
import { trufflehogLine, trufflehogNotification } from './trufflehog-bodies.ts';

export type { AlertSecrets, Leak, SendOptions, SignedAlert } from './signed-alert.ts';

/** The sources that can be sent over HTTP; `gitlab-partner` is GitLab's other way of handing tokens over. */
export const ALERT_SENDERS = [
  'github',
  'github-partner',
  'gitguardian',
  'gitlab',
  'gitlab-partner',
  'trufflehog',
  'trufflehog-enterprise',
  'gitleaks',
  'generic',
  'sns',
] as const;
export type AlertSender = (typeof ALERT_SENDERS)[number];

type Json = Readonly<Record<string, unknown>>;
type Sign = (leak: Leak, secrets: AlertSecrets, options: Required<SendOptions>) => SignedAlert;

const JSON_TYPE = { 'content-type': 'application/json' };
const seconds = (at: Date) => String(Math.floor(at.getTime() / 1_000));
const hmac = (key: string | Buffer, ...parts: readonly string[]) => createHmac('sha256', key).update(parts.join(''));

/** GitGuardian's HasMySecretLeaked hash: scrypt with a public salt, so that equal secrets have equal hashes. */
export function hmslHash(secret: string): string {
  const salt = createHash('sha256').update('GitGuardian').digest();
  return scryptSync(secret, salt, 32, { N: 2_048, r: 8, p: 1 }).toString('hex');
}

/** Signs a body by Standard Webhooks with a `whsec_…` secret. */
export function signStandardWebhook(
  secret: string,
  body: string,
  id: string,
  at: Date,
): Readonly<Record<string, string>> {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const timestamp = seconds(at);
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${hmac(key, id, '.', timestamp, '.', body).digest('base64')}`,
  };
}

const standardWebhook =
  (source: 'trufflehog' | 'gitleaks' | 'generic', toBody: (leak: Leak) => string, type = 'application/json'): Sign =>
  (leak, secrets, { id, at }) => {
    const body = toBody(leak);
    return {
      path: `/alerts/${source}`,
      headers: { 'content-type': type, ...signStandardWebhook(secrets[source], body, id, at) },
      body,
    };
  };

const SENDERS: Readonly<Record<AlertSender, Sign>> = {
  github: (leak, secrets, { number, id, at }) => {
    const { body, alert } = githubDelivery(leak, number, at);
    return {
      path: '/alerts/github',
      headers: {
        ...JSON_TYPE,
        'user-agent': 'GitHub-Hookshot/0000000',
        'x-github-event': 'secret_scanning_alert',
        'x-github-delivery': id,
        'x-github-hook-id': '1',
        'x-hub-signature': `sha1=${createHmac('sha1', secrets.github).update(body).digest('hex')}`,
        'x-hub-signature-256': `sha256=${hmac(secrets.github, body).digest('hex')}`,
      },
      body,
      github: alert,
    };
  },
  'github-partner': (leak, secrets) => {
    const body = partnerBody(leak);
    const { keyIdentifier, privateKeyPem } = secrets['github-partner'];
    return {
      path: '/alerts/github-partner',
      headers: {
        ...JSON_TYPE,
        'github-public-key-identifier': keyIdentifier,
        'github-public-key-signature': sign('sha256', Buffer.from(body), createPrivateKey(privateKeyPem)).toString(
          'base64',
        ),
      },
      body,
    };
  },
  gitguardian: (leak, secrets, { at }) => {
    const body = gitguardianBody(leak, hmslHash(leak.secret), at);
    const timestamp = seconds(at);
    return {
      path: '/alerts/gitguardian',
      headers: {
        ...JSON_TYPE,
        timestamp,
        'gitguardian-signature': `sha256=${hmac(`${timestamp}${secrets.gitguardian}`, body).digest('hex')}`,
      },
      body,
      needsWatch: true,
    };
  },
  gitlab: (leak, secrets) => ({
    path: '/alerts/gitlab/v1/revoke_tokens',
    headers: { ...JSON_TYPE, authorization: secrets.gitlab },
    body: revocationBody(leak, 'location'),
  }),
  'gitlab-partner': (leak, secrets) => ({
    path: '/alerts/gitlab',
    headers: { ...JSON_TYPE, 'x-gitlab-token': secrets.gitlab },
    body: revocationBody(leak, 'url'),
  }),
  trufflehog: standardWebhook('trufflehog', (leak) => `${trufflehogLine(leak)}\n`, 'application/x-ndjson'),
  'trufflehog-enterprise': (leak, secrets) => {
    const body = trufflehogNotification(leak);
    const secret = secrets['trufflehog-enterprise'];
    if (secret === undefined) throw new Error('no secret for trufflehog-enterprise');
    return {
      path: '/alerts/trufflehog/enterprise',
      headers: { ...JSON_TYPE, 'x-hub-signature': hmac(secret, body).digest('hex') },
      body,
    };
  },
  gitleaks: standardWebhook('gitleaks', gitleaksBody),
  generic: standardWebhook('generic', generalBody),
  sns: signSnsNotification,
};

/** Builds and signs the genuine alert for one leaked token, as this sender would post it. */
export function signAlert(
  sender: AlertSender,
  leak: Leak,
  secrets: AlertSecrets,
  options: SendOptions = {},
): SignedAlert {
  return SENDERS[sender](leak, secrets, complete(options));
}

/** Builds the event with which EventBridge invokes a function: the generic form in `detail`, vouched for by IAM. */
export function eventBridgeEvent(leak: Leak, options: SendOptions = {}): Json {
  const { id, at } = complete(options);
  return {
    version: '0',
    id,
    'detail-type': 'Leaked token',
    source: 'patrol.scanner',
    account: '000000000000',
    time: at.toISOString(),
    region: 'eu-central-1',
    resources: [],
    detail: JSON.parse(generalBody(leak)) as unknown,
  };
}
