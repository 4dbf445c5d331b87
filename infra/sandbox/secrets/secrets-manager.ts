import type { Exchange, Reply } from '../kit/exchange.ts';
import { startListener } from '../kit/listener.ts';
import { createSecretVault } from './vault.ts';
import { createSecretActions } from './actions.ts';
import { ACTIONS, CHANGES, failure, isAction } from './protocol.ts';
import { findSignatureProblem, type SigningCredentials } from '../aws/find-signature-problem.ts';
import type { StandIn } from '../kit/stand-in.ts';

export interface SecretsManagerOptions {
  readonly port?: number;
  readonly rtt?: number;
  readonly region?: string;
  readonly account?: string;
  /** With them every request's signature is computed again; without, only its form is looked at. */
  readonly credentials?: SigningCredentials;
  readonly now?: () => Date;
}

export interface SecretsManagerStandIn extends StandIn {
  /** Stores a value as an operator would; a second one makes the first AWSPREVIOUS. Given tags replace those there were. */
  put(name: string, value: string, tags?: Readonly<Record<string, string>>): void;
  /** The current text, for the sandbox itself. */
  read(name: string): string | undefined;
  names(): readonly string[];
  /** Makes the present state the one that `reset` goes back to. */
  keep(): void;
}

const actionOf = ({ headers }: Exchange) =>
  /^secretsmanager\.(\w+)$/.exec(String(headers['x-amz-target'] ?? ''))?.[1] ?? '';

/** Starts a stand-in for AWS Secrets Manager's JSON 1.1 protocol, for the AWS SDK and for calls signed by hand. */
export async function startSecretsManager(options: SecretsManagerOptions = {}): Promise<SecretsManagerStandIn> {
  const { region = 'eu-central-1', account = '000000000000', now = () => new Date() } = options;
  const vault = createSecretVault({ region, account, now });
  const run = createSecretActions(vault, now);

  const handle = async (exchange: Exchange): Promise<Reply> => {
    const problem = await findSignatureProblem(exchange, 'secretsmanager', options.credentials);
    if (problem !== undefined) return failure(problem, 'The request signature does not conform to AWS standards.');
    const action = actionOf(exchange);
    if (exchange.method !== 'POST' || !isAction(action)) return failure('UnknownOperationException', '');
    let body: unknown;
    try {
      body = JSON.parse(exchange.body.toString());
    } catch {
      return failure('SerializationException', 'The body is not JSON.');
    }
    const input = ACTIONS[action].safeParse(body);
    if (!input.success)
      return failure('ValidationException', input.error.issues.map(({ path }) => path.join('.')).join(', '));
    return run(action, input.data);
  };

  const listener = await startListener({
    provider: 'secrets',
    port: options.port,
    rtt: options.rtt,
    now: options.now,
    handle,
    changes: (exchange) => CHANGES.includes(actionOf(exchange)),
    label: (exchange) => `/${actionOf(exchange)}`,
    refuse: (mode) => {
      if (mode === '401') return failure('AccessDeniedException', 'Access to the secret is not allowed.');
      if (mode === '429') return failure('ThrottlingException', 'Rate exceeded');
      return mode === '500' ? failure('InternalServiceError', 'An error occurred on the server side.', 500) : undefined;
    },
    reset: vault.reset,
  });

  return {
    ...listener,
    put: (secretName, text, tags) => {
      const secret = vault.find(secretName) ?? vault.create(secretName, {});
      if (tags !== undefined) secret.tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
      vault.addVersion(secret, { text });
    },
    read: (secretName) =>
      vault.find(secretName)?.versions.find((version) => version.stages.includes('AWSCURRENT'))?.text,
    names: () => vault.all().map((secret) => secret.name),
    keep: vault.keep,
  };
}
