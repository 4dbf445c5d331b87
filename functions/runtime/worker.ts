import { type KeyObject, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { AwsCall } from '#shared/core/aws-call.ts';
import { defined } from '#shared/core/defined.ts';
import { parseEnv } from '#shared/core/parse-env.ts';
import { hmacSha256 } from '#shared/core/hmac-sha256.ts';
import { checkPolicy } from '#shared/policy/check-policy.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { deriveKey } from '#shared/secrets/derive-key.ts';
import { deriveButtonKeys } from '#shared/slack/derive-button-keys.ts';
import type { ButtonKeys } from '#shared/slack/encrypt-values.ts';
import { SLACK_SECRETS } from '#shared/slack/slack-secret.ts';
import { parseFingerprintKey } from '#shared/secrets/parse-fingerprint-key.ts';
import { createBatchFetchCurrent } from '#shared/secrets/batch-fetch-current.ts';
import { createSdkAsk } from '#shared/secrets/sdk-ask.ts';
import { createSecretReader, type SecretReader } from '#shared/secrets/secret-reader.ts';
import { createDynamoStore } from '#shared/store/dynamo/dynamo-store.ts';
import type { AuditEntry, Store } from '#shared/store/store.ts';
import { createLog, type Log } from '#shared/telemetry/log.ts';
import { createProviders } from '#shared/tokens/providers.ts';
import { createCallBudget } from '#shared/tokens/call-budget.ts';
import type { Side } from '#shared/tokens/room-for.ts';
import type { Providers } from '#shared/tokens/services.ts';
import { every } from './every.ts';
import { keepWasmAsCompiled } from './keep-wasm-as-compiled.ts';
import { requestId } from './follow.ts';
import { recordedFields } from './recorded-fields.ts';
import { createWatchdog, type Watchdog } from './watchdog.ts';
import { ownCall } from './own-call.ts';
import { SDK_PATIENCE } from './sdk-patience.ts';

export const WorkerEnv = z.object({
  SECRETS_PREFIX: z.string().regex(/^[\w/.-]+$/),
  TABLE_NAME: z.string().min(3),
  AWS_REGION: z.string().min(1),
  AWS_ACCESS_KEY_ID: z.string().min(1),
  AWS_SECRET_ACCESS_KEY: z.string().min(1),
  AWS_SESSION_TOKEN: z.string().optional(),
  /** Set by the sandbox alone, whose stand-ins are on this machine; the checks of the template hold that. */
  ALLOW_LOOPBACK: z.literal('yes').optional(),
  AWS_ENDPOINT_URL_DYNAMODB: z.url().optional(),
  STAGE: z.string().optional(),
  PATROL_VERSION: z.string().max(60).default('unknown'),
  SLACK_API_URL: z.url().default('https://slack.com/api/'),
});

/** What every worker stands on. */
export interface Worker {
  readonly env: z.infer<typeof WorkerEnv>;
  readonly policy: Policy;
  readonly store: Store;
  readonly secrets: SecretReader;
  readonly secretsManager: SecretsManagerClient;
  secretName(suffix: string): string;
  fingerprint(text: string): string;
  /** Signs jobs, and tells those that this stage's own functions have signed. */
  readonly jobKey: KeyObject;
  /** Sign and encrypt the values of buttons. */
  readonly buttonKeys: ButtonKeys;
  readonly providers: Providers;
  readonly call: AwsCall;
  readonly log: Log;
  /** The id of the request that is being worked on. */
  readonly requestId: () => string | undefined;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly newId: () => string;
  /** Starts the watchdog over the jobs of a queue. */
  watchOver(queueUrl: string): Watchdog;
}

export interface WorkerOptions {
  /** Whose share of the providers' limits its calls are; without it they are too few to be counted. */
  readonly side?: Side;
}

/** Builds a worker from its environment, its policy file and its secrets. A failure is not kept by the caller. */
export async function createWorker(name: string, options: WorkerOptions = {}): Promise<Worker> {
  keepWasmAsCompiled();
  const env = parseEnv(WorkerEnv, process.env);
  const policy = readPolicy();
  const now = () => new Date();
  const pause = async (milliseconds: number) => {
    await sleep(milliseconds);
  };
  const newId = () => randomBytes(12).toString('base64url');
  const timing = { now, sleep: pause, random: Math.random };

  const secretsManager = new SecretsManagerClient({ region: env.AWS_REGION, maxAttempts: 3, ...SDK_PATIENCE });
  const secretName = (suffix: string) => `${env.SECRETS_PREFIX}/${suffix}`;
  const secrets = createSecretReader({ fetchSecret: createBatchFetchCurrent(createSdkAsk(secretsManager)), now });
  // All at once and while the processor is not throttled: one call for twenty. Whoever needs one that failed asks again.
  const early = [SLACK_SECRETS.bot, ...Object.keys(policy.profiles).map((profile) => `profiles/${profile}`)];
  void Promise.allSettled(early.map((suffix) => secrets.read(secretName(suffix))));
  const key = parseFingerprintKey((await secrets.read(secretName('fingerprint'))).current);
  const fingerprint = (text: string) => hmacSha256(key, text).toString('hex');

  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({ region: env.AWS_REGION, maxAttempts: 4, ...SDK_PATIENCE }),
    { marshallOptions: { removeUndefinedValues: true } },
  );
  const log = followingLog(name, env.STAGE, now);
  const recorded = (entry: AuditEntry, isNew: boolean) => log('info', recordedFields(policy, entry, isNew));
  const rim = { now, sleep: pause, newId, every, requestId, recorded };
  const store = createDynamoStore({ client, table: env.TABLE_NAME, ...rim });
  warm(store);
  return {
    env,
    policy,
    store,
    secrets,
    secretsManager,
    secretName,
    fingerprint,
    jobKey: deriveKey(key, 'jobs'),
    buttonKeys: deriveButtonKeys(key),
    providers: createProviders({
      policy,
      secrets,
      secretName: (profile) => secretName(`profiles/${profile}`),
      allowsLoopback: env.ALLOW_LOOPBACK === 'yes',
      fetch: globalThis.fetch,
      ...timing,
      fingerprint,
      ...(options.side && { budget: createCallBudget({ notes: store.notes, ...timing, side: options.side }) }),
    }),
    call: ownCall(env.AWS_REGION),
    log,
    requestId,
    now,
    sleep: pause,
    newId,
    watchOver: (queueUrl) =>
      createWatchdog({ notes: store.notes, log, data: { function: name, queueUrl, ...tableOf(env) } }),
  };
}

/**
 * Loads what the first job would load, and opens the connection to the table, where the processor is not throttled: `fetch`
 * loads its client on its first call, and what it is asked for here is no address. Nobody waits for it, and nothing depends on it.
 */
function warm({ notes }: Store): void {
  void Promise.allSettled([globalThis.fetch('data:,'), notes.get('warm')]);
}

/** Each line names the request that is being worked on. */
function followingLog(name: string, stage: string | undefined, now: () => Date): Log {
  const write = createLog({ function: name, stage }, (line) => process.stdout.write(`${line}\n`), now);
  return (level, fields) => write(level, { ...defined({ requestId: requestId() }), ...fields });
}

function tableOf({ AWS_REGION, TABLE_NAME, AWS_ENDPOINT_URL_DYNAMODB }: Worker['env']) {
  return { region: AWS_REGION, table: TABLE_NAME, tableEndpoint: AWS_ENDPOINT_URL_DYNAMODB };
}

/** Reads the policy that the build put beside the bundle. */
export function readPolicy(): Policy {
  return checkPolicy(JSON.parse(readFileSync(new URL('policy.json', import.meta.url), 'utf8')));
}
