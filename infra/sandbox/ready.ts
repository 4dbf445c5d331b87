import type { ProviderName } from '#shared/core/vocabulary.ts';
import type { Policy } from '#shared/policy/policy.ts';
import type { SecretNames } from './secrets/seeds.ts';
import type { AlertSecrets } from './senders/sender.ts';

/** What `--json` prints: everything that a script needs to use the sandbox. */
export interface Ready {
  readonly ready: true;
  readonly url: string;
  readonly slack: {
    readonly endpoint: string;
    readonly signingSecret: string;
    readonly teamId: string;
    readonly responseUrl: string;
    readonly channels: Readonly<Record<'security' | 'general', string>>;
    readonly users: Readonly<Record<'admin' | 'operator' | 'approver' | 'viewer' | 'outsider', string>>;
  };
  readonly alerts: { readonly endpoint: string; readonly secrets: AlertSecrets };
  readonly providers: Readonly<Record<ProviderName | 'github', string>>;
  readonly aws: {
    readonly sqs: string;
    readonly dynamodb: string;
    readonly secretsManager: string;
    readonly table: string;
    readonly queues: Readonly<Record<'commands' | 'leaks', string>>;
    readonly secretNames: SecretNames;
  };
  readonly policy: Policy;
}
