import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startQueues } from '#infra/sandbox/aws/queues.ts';
import { readDeployment, REGION, STAGE } from '#infra/sandbox/lambda/deployment.ts';
import { startLangSmith } from '#infra/sandbox/providers/langsmith/langsmith.ts';
import { startDfns } from '#infra/sandbox/providers/dfns/dfns.ts';
import { startSecretsManager } from '#infra/sandbox/secrets/secrets-manager.ts';
import { makeSharedSecrets, seedSecrets } from '#infra/sandbox/secrets/seeds.ts';
import { signCommand } from '#infra/sandbox/slack/sign.ts';
import { startSlack } from '#infra/sandbox/slack/slack.ts';
import { createCertificate } from '#infra/sandbox/sns/certificate.ts';
import { sealDelivery, textsOf } from '#shared/alerts/seal-delivery.ts';
import { hmacSha256 } from '#shared/core/hmac-sha256.ts';
import { Secret } from '#shared/core/secret.ts';
import { signJob } from '#shared/jobs/sign-job.ts';
import { toQueueText } from '#shared/jobs/to-queue-text.ts';
import { findOnce } from '#shared/providers/find-once.ts';
import { deriveKey } from '#shared/secrets/derive-key.ts';
import { acceptAll } from './alerts.ts';
import { bareFunction } from './bare-function.ts';
import { startTable } from './dynalite.ts';
import { admin, receiveSigned } from './slack-requests.ts';
import { startTls } from './start-tls.ts';

const CREDENTIALS = { accessKeyId: 'ASIASANDBOXSANDBOX00', secretAccessKey: 'sandbox-secret-access-key' };
const PROFILE = 'langsmith-demo';

/** What a worker finds around itself on Lambda: its environment, and AWS, Slack and a provider behind TLS. */
export interface WorkerSurroundings {
  environmentOf(worker: string): Readonly<Record<string, string>>;
  /** Where LangSmith is. */
  readonly provider: string;
  /** SQS's event, as JSON, that has a worker kill a new token: a leak of it, or a command. */
  kill(worker: 'alert-worker' | 'slack-worker'): { readonly event: string; readonly id: string };
  isAlive(id: string): boolean;
  close(): Promise<void>;
}

/** Starts local stand-ins of all that a worker calls, each behind TLS as the real ones are. */
export async function startWorkerSurroundings(folder: string): Promise<WorkerSurroundings> {
  const { functions, queues: deployed } = readDeployment();
  const shared = makeSharedSecrets();
  const fingerprint = (text: string) => hmacSha256(shared.fingerprintKey, text).toString('hex');
  const standIns = await Promise.all([
    startTable(),
    startSecretsManager({ credentials: CREDENTIALS }),
    startSlack(),
    startQueues(deployed),
    startLangSmith(),
    startDfns(),
  ]);
  const [table, secrets, slack, queues, langsmith, dfns] = standIns;
  const certificate = await createCertificate('localhost');
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, certificate.certificatePem);
  const plain = [table.endpoint, secrets.url, slack.url, queues.url, langsmith.url, dfns.url];
  const fronts = await Promise.all(plain.map((url) => startTls(url, certificate)));
  const urls = fronts.map(({ url }) => url);
  const [tableUrl = '', secretsUrl = '', slackUrl = '', queuesUrl = '', langsmithUrl = '', dfnsUrl = ''] = urls;
  seedSecrets(secrets, {
    shared,
    botToken: slack.botToken,
    profiles: {
      'dfns-demo': { ...dfns.profileSecret('dfns-demo'), baseUrl: dfnsUrl },
      [PROFILE]: { ...langsmith.profileSecret(PROFILE), baseUrl: langsmithUrl },
    },
    watched: [],
  });
  const around = {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_SESSION_TOKEN: 'sandbox-session-token',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsUrl,
    AWS_ENDPOINT_URL_DYNAMODB: tableUrl,
    SECRETS_PREFIX: `patrol/${STAGE}`,
    TABLE_NAME: table.table,
    SLACK_API_URL: slack.apiUrl.replace(slack.url, slackUrl),
    RESPONSE_URL_ORIGIN: slackUrl,
    // Nobody calls it.
    GITHUB_API_URL: slackUrl,
    ISSUER_URLS: JSON.stringify({ langsmith: langsmithUrl, dfns: dfnsUrl }),
    ALLOW_LOOPBACK: 'yes',
    NODE_EXTRA_CA_CERTS: caFile,
  };
  const jobKey = deriveKey(shared.fingerprintKey, 'jobs');
  let made = 0;
  const jobOf = (worker: string, { id, secret }: { readonly id: string; readonly secret: string }): object => {
    const receivedAt = new Date().toISOString();
    if (worker === 'slack-worker') {
      const { job } = receiveSigned(signCommand(admin, `deactivate ${PROFILE}:${id}`));
      return { ...job, deliveryKey: `typed-${made}`, receivedAt };
    }
    const findings = [{ secret: new Secret(secret) }];
    const validities = acceptAll(textsOf(findings), fingerprint);
    const content = Buffer.from(secret);
    const find = findOnce();
    const { jobs } = sealDelivery({
      ...{ source: 'generic', content, findings, skipped: 0 },
      ...{ receivedAt, fingerprint, find, profiles: [], validities },
    });
    return jobs[0]!;
  };
  return {
    environmentOf: (worker) => {
      const given = functions.find(({ name }) => name === worker)!.environment;
      const own = Object.entries(given).map(([key, value]) => [
        key,
        typeof value === 'string' ? value : queues.queueUrl(value.Ref).replace(queues.url, queuesUrl),
      ]);
      return { ...(Object.fromEntries(own) as object), ...bareFunction(worker, folder).environment, ...around };
    },
    provider: langsmithUrl,
    kill: (worker) => {
      const token = langsmith.mint({ profile: PROFILE, name: `cold ${(made += 1)}` });
      const body = toQueueText(signJob(jobKey, jobOf(worker, token)));
      const attributes = { ApproximateReceiveCount: '1' };
      const record = { messageId: `message-${made}`, receiptHandle: `handle-${made}`, body, attributes };
      return { event: JSON.stringify({ Records: [record] }), id: token.id };
    },
    isAlive: (id) => langsmith.tokens().some((token) => token.id === id && token.state === 'active'),
    close: async () => {
      await Promise.all(fronts.map((front) => front.close()));
      await Promise.all(standIns.map((one) => one.close()));
    },
  };
}
