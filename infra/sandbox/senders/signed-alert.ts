import { randomUUID } from 'node:crypto';
import type { ProviderName } from '#shared/core/vocabulary.ts';
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
  readonly sns: { readonly topicArn: string; readonly privateKeyPem: string; readonly signingCertUrl: string };
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
