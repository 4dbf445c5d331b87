import * as z from 'zod/mini';
import { createAwsCall } from '#shared/core/aws-call.ts';
import { parseEnv } from '#shared/core/env.ts';
import { Fault } from '#shared/core/fault.ts';
import { hmacSha256 } from '#shared/core/hmac.ts';
import { once } from '#shared/core/once.ts';
import { parseFingerprintKey } from '#shared/secrets/fingerprint-key.ts';
import { createSignedFetchSecret } from '#shared/secrets/fetch-secret-signed.ts';
import { createSecretReader, type SecretReader } from '#shared/secrets/secret-reader.ts';
import { createLog, type Log } from '#shared/telemetry/log.ts';
import type { CommandJob, LeakJob } from './job.ts';
import { ownCredentials } from './own-credentials.ts';
import { toQueueText } from './queue-text.ts';

const Env = z.object({
  SECRETS_PREFIX: z.string().check(z.regex(/^[\w/.-]+$/)),
  AWS_REGION: z.string().check(z.minLength(1)),
  AWS_ACCESS_KEY_ID: z.string().check(z.minLength(1)),
  AWS_SECRET_ACCESS_KEY: z.string().check(z.minLength(1)),
  AWS_SESSION_TOKEN: z.optional(z.string()),
  AWS_ENDPOINT_URL_SECRETS_MANAGER: z.optional(z.url()),
});

/** What both edges stand on: signed calls to AWS, their secrets, one queue and a log. */
export interface Edge {
  readonly secrets: SecretReader;
  /** Full name of a secret under this stage's prefix. */
  secretName(suffix: string): string;
  /** The keyed fingerprint used in clues. Reads its key once; a failure is not kept. */
  fingerprinter(): Promise<(text: string) => string>;
  /** Resolves only when SQS has stored every job; rejects with `keys_unavailable`-like 503 faults otherwise. */
  sendJobs(queueUrl: string, jobs: readonly (CommandJob | LeakJob)[]): Promise<void>;
  readonly log: Log;
}

/** SQS takes at most ten messages and 1 MiB in one batch. */
const BATCH = 10;

/** Builds an edge from the function's environment. Called once on cold start. */
export function createEdge(name: string): Edge {
  const env = parseEnv(Env, process.env);
  const call = createAwsCall({
    region: env.AWS_REGION,
    credentials: ownCredentials,
  });
  const now = () => new Date();
  const secrets = createSecretReader({
    fetchSecret: createSignedFetchSecret(call, env.AWS_ENDPOINT_URL_SECRETS_MANAGER),
    now,
  });
  const secretName = (suffix: string) => `${env.SECRETS_PREFIX}/${suffix}`;
  const fingerprintKey = once(async () => parseFingerprintKey((await secrets.read(secretName('fingerprint'))).current));
  return {
    secrets,
    secretName,
    fingerprinter: async () => {
      const key = await fingerprintKey();
      return (text) => hmacSha256(key, text).toString('hex');
    },
    sendJobs: async (queueUrl, jobs) => {
      const batches = Array.from({ length: Math.ceil(jobs.length / BATCH) }, (_, index) =>
        jobs.slice(index * BATCH, (index + 1) * BATCH),
      );
      await Promise.all(batches.map((batch) => sendBatch(queueUrl, batch)));
    },
    log: createLog({ function: name }, (line) => process.stdout.write(`${line}\n`), now),
  };

  async function sendBatch(queueUrl: string, jobs: readonly unknown[]): Promise<void> {
    const failed = () => new Fault('store_unavailable', 'the queue did not take the job');
    const reply = await call({
      service: 'sqs',
      endpoint: queueUrl,
      target: 'AmazonSQS.SendMessageBatch',
      json: {
        QueueUrl: queueUrl,
        Entries: jobs.map((job, index) => ({ Id: String(index), MessageBody: toQueueText(job) })),
      },
    }).catch((cause: unknown) => {
      throw new Fault('store_unavailable', 'the queue does not answer', { cause });
    });
    if (!reply.ok) throw failed();
    const sent = z
      .object({ Successful: z._default(z.array(z.unknown()), []), Failed: z._default(z.array(z.unknown()), []) })
      .safeParse(JSON.parse(reply.json.expose()));
    if (!sent.success || sent.data.Failed.length > 0 || sent.data.Successful.length !== jobs.length) throw failed();
  }
}
