import { createHmac, randomUUID } from 'node:crypto';
import type { ProviderName } from '#shared/core/vocabulary.ts';
import { STAND_INS } from '../providers/stand-ins.ts';
import type { GithubAlert } from '../github/github-alert.ts';

/** A leaked token, as a scanner finds it. */
export interface Leak {
  readonly secret: string;
  readonly provider: ProviderName;
  readonly kind?: 'pat' | 'service';
  /** Where it was found. All of it may be anything: it is foreign text. */
  readonly repository?: string;
  readonly path?: string;
  readonly commit?: string;
  readonly author?: string;
  readonly url?: string;
  readonly publiclyLeaked?: boolean;
}

/** The senders' secrets, as the sandbox prints them when it is ready. */
export interface AlertSecrets {
  readonly github: string;
  readonly gitguardian: string;
  readonly gitlab: string;
  readonly trufflehog: string;
  readonly 'trufflehog-enterprise'?: string;
  readonly gitleaks: string;
  readonly generic: string;
  readonly 'github-partner': { readonly keyIdentifier: string; readonly privateKeyPem: string };
  readonly sns: SnsKey;
}

/** What SNS signs with. */
export interface SnsKey {
  readonly topicArn: string;
  readonly privateKeyPem: string;
  readonly signingCertUrl: string;
}

/** What one sender signs with: a shared secret, a partner's key, or what SNS signs with. */
export type SigningSecret = string | AlertSecrets['github-partner'] | SnsKey;

/** A secret of another kind than the sender signs with. */
export class WrongSecret extends Error {
  override readonly name = 'WrongSecret';
}

export interface SignedAlert {
  /** Behind the endpoint, e.g. `/alerts/github`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** GitHub's alert carries no secret: this must be set at the GitHub stand-in first. */
  readonly github?: GithubAlert;
  /** The alert carries only a hash: it matches when the secret lies in Secrets Manager, tagged `patrol:watch`. */
  readonly needsWatch?: true;
}

/** What a sender may vary. */
export interface SendOptions {
  readonly at?: Date;
  /** Number of the GitHub alert. */
  readonly number?: number;
  /** Delivery id, where the sender has one; the same for a redelivery. */
  readonly id?: string;
  /** Signature version of SNS. */
  readonly snsVersion?: '1' | '2';
}

/** Fills in what was left out: now, alert number 1, a fresh id, signature version 2. */
export const complete = (options: SendOptions): Required<SendOptions> => ({
  at: new Date(),
  number: 1,
  id: randomUUID(),
  snsVersion: '2',
  ...options,
});

/** How one scanner posts: what its alert about a leak looks like, and how it signs whatever it posts. */
export interface Sender {
  /** Behind the endpoint, e.g. `/alerts/github`. */
  readonly path: string;
  readonly toBody: (leak: Leak, options: Required<SendOptions>) => string;
  /** The headers; the body, too, where what is posted is an envelope. Throws `WrongSecret`. */
  readonly sign: (
    body: Buffer,
    secret: SigningSecret,
    options: Required<SendOptions>,
  ) => { readonly headers: Readonly<Record<string, string>>; readonly body?: string };
  /** Whose secret it signs with, where that is another source's. */
  readonly secretOf?: 'gitlab';
  /** The sender by which recorded payloads of this source go out, where that is another. */
  readonly recordedAs?: string;
  readonly atGithub?: (leak: Leak, options: Required<SendOptions>) => GithubAlert;
  readonly needsWatch?: true;
}

export const JSON_TYPE = { 'content-type': 'application/json' } as const;

/** Seconds since 1970, as headers have them. */
export const seconds = (at: Date): string => String(Math.floor(at.getTime() / 1_000));

/** HMAC-SHA256 over all parts, one after the other. */
export const hmac = (key: string | Buffer, ...parts: readonly (string | Buffer)[]): Buffer =>
  parts.reduce((mac, part) => mac.update(part), createHmac('sha256', key)).digest();

/** The secret as text. Throws `WrongSecret` for a key pair. */
export function plain(secret: SigningSecret): string {
  if (typeof secret !== 'string') throw new WrongSecret('This source signs with a plain secret.');
  return secret;
}

/** Where a leak was found, with something for whatever was left out. */
export const place = (leak: Leak) => {
  const repository = leak.repository ?? 'acme/payments';
  const path = leak.path ?? 'scripts/run.sh';
  const commit = leak.commit ?? '3f786850e387550fdab836ed7e6dc881de23001b';
  const author = leak.author ?? 'anna@example.com';
  const url = leak.url ?? `https://github.com/${repository}/blob/${commit}/${path}#L3`;
  return { repository, path, commit, author, url };
};

/** How the scanners call a secret of this provider. */
export const scannerWords = ({ provider }: Leak) => STAND_INS[provider].scannerWords;
