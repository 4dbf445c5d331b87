import * as s from '#shared/core/schema.ts';
import { AWS_PATIENCE_MS, createAwsCall } from '#shared/core/aws-call.ts';
import { createRawPoster } from '#shared/core/raw-poster.ts';
import { parseEnv } from '#shared/core/parse-env.ts';
import { hmacSha256 } from '#shared/core/hmac-sha256.ts';
import { once } from '#shared/core/once.ts';
import { deriveKey } from '#shared/secrets/derive-key.ts';
import { parseFingerprintKey } from '#shared/secrets/parse-fingerprint-key.ts';
import { createBatchFetchCurrent, createSignedAsk } from '#shared/secrets/batch-fetch-current.ts';
import { createSignedFetchSecret } from '#shared/secrets/signed-fetch-secret.ts';
import { createSecretReader, type SecretReader } from '#shared/secrets/secret-reader.ts';
import { createLog, type Log } from '#shared/telemetry/log.ts';
import type { CommandJob, LeakJob } from '#shared/jobs/job.ts';
import { ownCredentials } from './own-credentials.ts';
import { sendJobs } from '#shared/jobs/send-jobs.ts';

const Env = s.object({
  SECRETS_PREFIX: s.matching(/^[\w/.-]+$/),
  STAGE: s.optional(s.string),
  AWS_REGION: s.atLeast(1),
  AWS_ACCESS_KEY_ID: s.atLeast(1),
  AWS_SECRET_ACCESS_KEY: s.atLeast(1),
  AWS_SESSION_TOKEN: s.optional(s.string),
  AWS_ENDPOINT_URL_SECRETS_MANAGER: s.optional(s.url),
});

/** What both edges stand on: signed calls to AWS, their secrets, one queue and a log. */
export interface Edge {
  readonly secrets: SecretReader;
  /** Full name of a secret under this stage's prefix. */
  secretName(suffix: string): string;
  /** The keyed fingerprint used in clues. Reads its key once; a failure is not kept. */
  fingerprinter(): Promise<(text: string) => string>;
  /** Resolves only when the queue has stored every job, with the id of its request; rejects with `store_unavailable` otherwise. */
  sendJobs(jobs: readonly (CommandJob | LeakJob)[], requestId: string): Promise<void>;
  readonly log: Log;
}

/**
 * Builds an edge from the function's environment. Called once on cold start: the connection to its queue is begun at once,
 * while the processor is not throttled and the secrets are on their way.
 */
export function createEdge(name: string, queueUrl: string): Edge {
  const env = parseEnv(Env, process.env);
  const now = () => new Date();
  const { post, open } = createRawPoster(AWS_PATIENCE_MS);
  const call = createAwsCall({ region: env.AWS_REGION, credentials: ownCredentials, now, post });
  open(new URL(queueUrl));
  const secrets = createSecretReader({
    fetchSecret: createSignedFetchSecret(call, env.AWS_ENDPOINT_URL_SECRETS_MANAGER),
    fetchCurrent: createBatchFetchCurrent(createSignedAsk(call, env.AWS_ENDPOINT_URL_SECRETS_MANAGER)),
    now,
  });
  const secretName = (suffix: string) => `${env.SECRETS_PREFIX}/${suffix}`;
  const fingerprintKey = once(async () => parseFingerprintKey((await secrets.read(secretName('fingerprint'))).current));
  const jobKey = once(async () => deriveKey(await fingerprintKey(), 'jobs'));
  return {
    secrets,
    secretName,
    fingerprinter: async () => {
      const key = await fingerprintKey();
      return (text) => hmacSha256(key, text).toString('hex');
    },
    sendJobs: async (jobs, requestId) => {
      if (jobs.length === 0) return;
      await sendJobs({ call, jobKey: await jobKey(), requestId: () => requestId }, queueUrl, jobs);
    },
    log: createLog({ function: name, stage: env.STAGE }, (line) => process.stdout.write(`${line}\n`), now),
  };
}
