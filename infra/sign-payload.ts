import { createPrivateKey, randomUUID, sign } from 'node:crypto';
import { gitguardianScheme } from '#shared/alerts/sources/gitguardian.ts';
import { signHub } from '#shared/alerts/verify/hub-signature.ts';
import { signStandardWebhook, standardWebhookKey } from '#shared/alerts/verify/standard-webhooks.ts';
import { Secret } from '#shared/core/secret.ts';
import { signSnsMessage } from './sandbox/senders/sns-messages.ts';

/** A request as its sender would post it. */
export interface SignedPayload {
  /** Behind the endpoint: `/github`, `/gitlab/v1/revoke_tokens`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What signs: a shared secret, a partner's key, or what SNS signs with. */
export type SigningSecret =
  | string
  | { readonly keyIdentifier: string; readonly privateKeyPem: string }
  | { readonly topicArn: string; readonly privateKeyPem: string; readonly signingCertUrl: string };

type Sign = (body: Buffer, secret: SigningSecret, at: Date) => Omit<SignedPayload, 'body'> & { readonly body?: Buffer };

/** A secret of another kind than the source signs with. */
export class WrongSecret extends Error {
  override readonly name = 'WrongSecret';
}

const seconds = (at: Date) => String(Math.floor(at.getTime() / 1000));

function text(secret: SigningSecret): string {
  if (typeof secret !== 'string') throw new WrongSecret('This source signs with a plain secret.');
  return secret;
}

function standard(path: string): Sign {
  return (body, secret, at) => {
    const id = `msg_${randomUUID()}`;
    const timestamp = seconds(at);
    const key = standardWebhookKey(new Secret(text(secret)));
    const signature = signStandardWebhook(key, { id, timestamp, body });
    return { path, headers: { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } };
  };
}

function signGitlab(body: Buffer, secret: SigningSecret, at: Date): Omit<SignedPayload, 'body'> {
  const token = text(secret);
  return token.startsWith('whsec_')
    ? standard('/gitlab')(body, token, at)
    : { path: '/gitlab', headers: { 'x-gitlab-token': token } };
}

/** Puts a payload into a notification of the topic; a recorded SNS message keeps its text and is signed anew. */
function signSns(body: Buffer, secret: SigningSecret, at: Date): SignedPayload {
  if (typeof secret === 'string' || !('topicArn' in secret)) throw new WrongSecret('SNS signs with a certificate.');
  const recorded = messageOf(body);
  const message = {
    Type: 'Notification',
    Message: body.toString(),
    ...recorded,
    MessageId: randomUUID(),
    TopicArn: secret.topicArn,
    Timestamp: at.toISOString(),
    SignatureVersion: '2',
    SigningCertURL: secret.signingCertUrl,
  };
  const signed = Buffer.from(JSON.stringify(signSnsMessage(message, secret.privateKeyPem)));
  return { path: '/sns', headers: { 'content-type': 'text/plain; charset=UTF-8' }, body: signed };
}

function messageOf(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(body.toString());
    const isMessage = typeof parsed === 'object' && parsed !== null && 'Type' in parsed && 'MessageId' in parsed;
    return isMessage ? { ...parsed } : {};
  } catch {
    return {};
  }
}

const SIGNERS: Readonly<Record<string, Sign>> = {
  generic: standard('/generic'),
  gitleaks: standard('/gitleaks'),
  trufflehog: standard('/trufflehog'),
  github: (body, secret) => ({
    path: '/github',
    headers: {
      'x-github-event': 'secret_scanning_alert',
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': signHub({ header: '', prefix: 'sha256=' }, text(secret), body),
    },
  }),
  'github-partner': (body, secret) => {
    if (typeof secret === 'string' || !('keyIdentifier' in secret)) throw new WrongSecret('A partner key is needed.');
    const signature = sign('sha256', body, createPrivateKey(secret.privateKeyPem)).toString('base64');
    return {
      path: '/github-partner',
      headers: {
        'github-public-key-identifier': secret.keyIdentifier,
        'github-public-key-signature': signature,
      },
    };
  },
  gitguardian: (body, secret, at) => ({
    path: '/gitguardian',
    headers: {
      timestamp: seconds(at),
      'gitguardian-signature': signHub(gitguardianScheme(seconds(at)), text(secret), body),
    },
  }),
  gitlab: signGitlab,
  'trufflehog-enterprise': (body, secret) => ({
    path: '/trufflehog/enterprise',
    headers: { 'x-hub-signature': signHub({ header: '', prefix: '' }, text(secret), body) },
  }),
  sns: signSns,
};

/** The sources that a payload can be signed for. */
export const SIGNABLE: readonly string[] = Object.keys(SIGNERS);

/** Signs recorded bytes as the genuine sender would, now. Throws `WrongSecret`. */
export function signPayload(source: string, body: Buffer, signing: { secret: SigningSecret; at: Date }): SignedPayload {
  const sign = Object.hasOwn(SIGNERS, source) ? SIGNERS[source] : undefined;
  if (sign === undefined) throw new WrongSecret(`Nobody signs for ${source}.`);
  const signed = sign(body, signing.secret, signing.at);
  return { body, ...signed, headers: { 'content-type': 'application/json', ...signed.headers } };
}
