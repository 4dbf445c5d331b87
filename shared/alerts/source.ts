import type { RawRequest } from '#shared/core/read-http-request.ts';
import type { Secret } from '#shared/core/secret.ts';
import type { ProviderName } from '#shared/core/vocabulary.ts';
import type { Remark } from '#shared/core/remark.ts';
import type { Where } from '#shared/core/where.ts';

/** The one request shape that sources see, made from any Lambda envelope. */
export interface AlertRequest extends RawRequest {
  /** Everything behind `/alerts/<source>`, e.g. `/v1/revoke_tokens`; empty for the plain route. */
  readonly subpath: string;
}

/** The shared secret of a source: the current version and, while it is rotated, the one before. */
export interface SourceKeys {
  readonly current: Secret;
  readonly previous?: Secret;
}

/** One finding in one delivery, as its sender tells it. Lives in memory only; `seal` makes a queueable report of it. */
export interface Finding {
  /** Raw secret text, where the sender gave it. */
  readonly secret?: Secret;
  /** Text around it (the whole line): searched for tokens, hidden wherever it is quoted, and not kept. */
  readonly around?: Secret;
  /** The whole record: searched for tokens in fields that nobody knows, and not kept. */
  readonly record?: Secret;
  /** GitGuardian's HMSL hash, where that is all there is. */
  readonly hmsl?: string;
  /** The provider's own id of the token, where a trusted sender names it. */
  readonly tokenId?: string;
  readonly provider?: ProviderName;
  readonly profile?: string;
  /** Where the worker can fetch the secret (thin alerts). */
  readonly locator?: { readonly kind: 'github'; readonly repository: string; readonly number: number };
  readonly where?: Where;
  readonly detector?: string;
  /** True where it tells one more place of an alert, which may be known: a place that is known is no new report. */
  readonly isPlace?: true;
  /** What whoever reported it wrote beside it. */
  readonly note?: string;
  readonly remarks?: readonly Remark[];
  readonly publiclyLeaked?: boolean;
  /** True where the sender itself tried the secret and it worked. */
  readonly verified?: boolean;
  /** A sender's test message: told, never acted on. */
  readonly test?: boolean;
}

export type Reading =
  /**
   * Findings to seal and queue. `unread` holds what could not be read (records, lines, the body): it is searched for tokens,
   * and counted and told. `deliveryId` only
   * where the sender signed it: it becomes part of the key by which a redelivery is known. `signed` is what the signature
   * covers where that is not the whole body: the rest could be varied to make one delivery look like several.
   */
  | {
      readonly kind: 'findings';
      readonly deliveryId?: string;
      readonly signed?: string;
      readonly findings: readonly Finding[];
      readonly unread: readonly Secret[];
      /** Words between records: searched too, and told only where they hold a token. */
      readonly aside?: readonly Secret[];
      /** Why nothing could be read, for the sender. */
      readonly why?: string;
    }
  /** Authentic, and nothing for us (an alert that was resolved, our own echo, an empty report). */
  | { readonly kind: 'ignored'; readonly why: string }
  /** Answered by the source itself (GitLab's type list, SNS confirmations). `job` asks the worker for something. */
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly body?: unknown;
      readonly job?: { readonly kind: 'sns-confirm'; readonly topicArn: string; readonly token: string };
    };

/** One scanner's language. The scheme is fixed per route and never chosen from a header. */
export interface Source {
  readonly name: string;
  /** The ways in, behind `/alerts/`; `examine` knocks at the first. */
  readonly routes: readonly { readonly method: 'GET' | 'POST'; readonly path: string }[];
  /** Which kind of key the source needs from Secrets Manager; `none` for those that bring public keys or IAM. */
  readonly needs: 'secret' | 'none';
  /** Throws `signature_missing`, `signature_invalid`, `signature_stale` or `keys_unavailable`. Looks at bytes, never parses them. */
  verify(request: AlertRequest, keys: SourceKeys | undefined, nowSeconds: number): Promise<void> | void;
  /** Called only after `verify`. Throws `payload_invalid` for a body that cannot be read at all; it is searched all the same. */
  read(request: AlertRequest, nowSeconds: number): Reading | Promise<Reading>;
  /** False where a body holds the words of strangers: what cannot be read is told, and not searched for tokens. */
  readonly isSearched?: boolean;
  /** What the sender is answered when we are in trouble; 503 where it has no contract of its own. */
  busyStatus?(request: AlertRequest): number;
  /** What the sender gets with its 2xx, from the sealed findings, where it wants more than silence. */
  answer?(findings: readonly { readonly finding: Finding; readonly recognised: boolean }[]): {
    readonly status: number;
    readonly body?: unknown;
  };
}

/** A source that verifies by a shared secret. */
export interface SourceWithSecret extends Source {
  readonly needs: 'secret';
}

/** What whoever sets a source's secret up must know. */
export interface SenderSetup {
  /** `here`: by us, pasted at the sender. `there`: by the sender, pasted here. */
  readonly made: 'here' | 'there';
  /** `webhook` is the form of Standard Webhooks: `whsec_` and base64. */
  readonly form: 'plain' | 'webhook';
  /** Where at the sender it is pasted, or found. */
  readonly where: string;
}
