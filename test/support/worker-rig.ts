import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { buildFunctions } from '#infra/build.ts';
import { loadPolicy } from '#infra/policy.ts';
import { type Queues, startQueues } from '#infra/sandbox/aws/queues.ts';
import { type GithubStandIn, startGithub } from '#infra/sandbox/github/github.ts';
import { readDeployment, REGION } from '#infra/sandbox/lambda/deployment.ts';
import { type Instance, startInstance } from '#infra/sandbox/lambda/instance.ts';
import { prepareRuntime } from '#infra/sandbox/lambda/runtime.ts';
import { type DfnsStandIn, startDfns } from '#infra/sandbox/providers/dfns/dfns.ts';
import { type LangSmithStandIn, startLangSmith } from '#infra/sandbox/providers/langsmith/langsmith.ts';
import { startSecretsManager } from '#infra/sandbox/secrets/secrets-manager.ts';
import { makeSharedSecrets, seedSecrets } from '#infra/sandbox/secrets/seeds.ts';
import { type Sender, signCommand, type SignedRequest, signPress } from '#infra/sandbox/slack/sign.ts';
import { type SlackStandIn, startSlack } from '#infra/sandbox/slack/slack.ts';
import type { SlackMessage } from '#infra/sandbox/slack/workspace.ts';
import { type SnsStandIn, startSns } from '#infra/sandbox/sns/sns.ts';
import { sealDelivery, textsOf } from '#shared/alerts/seal-delivery.ts';
import { hmacSha256 } from '#shared/core/hmac-sha256.ts';
import { Secret } from '#shared/core/secret.ts';
import type { CommandJob, LeakJob } from '#shared/jobs/job.ts';
import { signJob } from '#shared/jobs/sign-job.ts';
import { findOnce } from '#shared/providers/find-once.ts';
import { deriveKey } from '#shared/secrets/derive-key.ts';
import { acceptAll } from './alerts.ts';
import { bareFunction } from './bare-function.ts';
import { startTable } from './dynalite.ts';
import { openProvider } from './open-provider.ts';
import { admin, receiveSigned } from './slack-requests.ts';

const CREDENTIALS = { accessKeyId: 'ASIASANDBOXSANDBOX00', secretAccessKey: 'sandbox-secret-access-key' };

type Json = Readonly<Record<string, unknown>>;

/** What a worker answered to an event. */
interface Answer {
  readonly ok: boolean;
  readonly answer: unknown;
}

/** A batch of which nothing has to come again. */
export const DONE: Answer = { ok: true, answer: { batchItemFailures: [] } };

interface RecordOptions {
  /** Who takes it; without it the worker of the job's queue that is there already. */
  readonly by: Instance;
  readonly receives?: number;
  readonly key?: string;
}

/** The built workers in processes of their own, called one event at a time, with stand-ins around them and no queue between. */
export interface WorkerRig {
  readonly slack: SlackStandIn;
  readonly queues: Queues;
  readonly dfns: DfnsStandIn;
  readonly langsmith: LangSmithStandIn;
  readonly github: GithubStandIn;
  readonly sns: SnsStandIn;
  readonly printed: string[];
  /** Starts one more process of a function, its clock ahead by so much. */
  start(name: string, more?: { readonly aheadMs?: number; readonly environment?: Record<string, string> }): Instance;
  /** Hands over one record, signed as our own functions sign; a text is a body that was queued already. */
  deliver(job: CommandJob | LeakJob | string, options: RecordOptions): Promise<Answer>;
  run(instance: Instance, event: object): Promise<Answer>;
  /** The lines that say this, as soon as there are so many: what a process prints comes on a way of its own. */
  printedLines(part: string, many?: number): Promise<readonly string[]>;
  saidIn(channel: string): readonly string[];
  /** How many messages were queued so far. */
  queued(): Promise<number>;
  /** The bodies that were queued since there were so many. */
  queuedSince(before: number): Promise<readonly string[]>;
  mint(name: string): { readonly id: string; readonly secret: string };
  /** Brings a token back at its provider, outside of Patrol. */
  revive(id: string): Promise<void>;
  isAlive(id: string): boolean;
  close(): Promise<void>;
}

const shared = makeSharedSecrets();
const fingerprint = (text: string) => hmacSha256(shared.fingerprintKey, text).toString('hex');

/** What somebody has typed, as the edge queues it. */
export function typed(text: string, deliveryKey: string, as: Sender = admin): CommandJob {
  return jobOf(signCommand(as, text), deliveryKey);
}

/** The press of a button, as the edge queues it. */
export function pressed(message: SlackMessage, actionId: string, as: Sender): CommandJob {
  const elements = (message.blocks as readonly { elements?: readonly Json[] }[]).flatMap(
    (block) => block.elements ?? [],
  );
  const value = elements.find((element) => element['action_id'] === actionId)?.['value'];
  if (typeof value !== 'string') throw new Error(`there is no button ${actionId} in: ${message.text}`);
  return jobOf(signPress({ ...as, channelId: message.channel }, message, { actionId, value }), `press-${message.ts}`);
}

function jobOf(request: SignedRequest, deliveryKey: string): CommandJob {
  const { job } = receiveSigned(request);
  if (job === undefined || !('payload' in job)) throw new Error('the edge queues nothing of it');
  return { ...job, deliveryKey, receivedAt: new Date().toISOString() };
}

/** The sealed report of a scanner that found this secret. */
export function leaked(secret: string): Extract<LeakJob, { kind: 'report' }> {
  const findings = [{ secret: new Secret(secret) }];
  const { jobs } = sealDelivery({
    source: 'generic',
    content: Buffer.from(secret),
    findings,
    skipped: 0,
    receivedAt: new Date().toISOString(),
    fingerprint,
    find: findOnce(),
    profiles: [],
    validities: acceptAll(textsOf(findings), fingerprint),
  });
  const [job] = jobs;
  if (job?.kind !== 'report') throw new Error('no report was sealed');
  return job;
}

/** Builds the functions and starts what is around them. */
export async function startWorkerRig(): Promise<WorkerRig> {
  const folder = mkdtempSync(join(tmpdir(), 'patrol-workers-'));
  const shipped = loadPolicy();
  const policy = { ...shipped, alerts: { ...shipped.alerts, repositories: ['acme/*'] } };
  const { functions, queues: deployed } = readDeployment();
  const [runtime] = await Promise.all([prepareRuntime(folder), buildFunctions({ out: join(folder, 'dist'), policy })]);
  const [table, secrets, slack, queues, dfns, langsmith, github, sns] = await Promise.all([
    startTable(),
    startSecretsManager({ credentials: CREDENTIALS }),
    startSlack(),
    startQueues(deployed),
    startDfns(),
    startLangSmith(),
    startGithub(),
    startSns(),
  ]);
  const profiles = {
    'dfns-demo': dfns.profileSecret('dfns-demo'),
    'langsmith-demo': langsmith.profileSecret('langsmith-demo'),
  };
  seedSecrets(secrets, {
    shared: { ...shared, githubToken: github.token },
    botToken: slack.botToken,
    profiles,
    watched: [],
  });
  const around = {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
    SLACK_API_URL: slack.apiUrl,
    RESPONSE_URL_ORIGIN: new URL(slack.responseUrl).origin,
    GITHUB_API_URL: github.url,
    ISSUER_URLS: JSON.stringify({ dfns: dfns.url, langsmith: langsmith.url }),
    ALLOW_LOOPBACK: 'yes',
    TABLE_NAME: table.table,
  };
  const printed: string[] = [];
  const started: Instance[] = [];
  const start: WorkerRig['start'] = (name, { aheadMs = 0, environment = {} } = {}) => {
    const given = functions.find((one) => one.name === name)!.environment;
    const deployedEnvironment = Object.entries(given).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : queues.queueUrl(value.Ref),
    ]);
    const bare = bareFunction(name, join(folder, 'dist'));
    const instance = startInstance({
      ...bare,
      runtime,
      environment: { ...Object.fromEntries(deployedEnvironment), ...around, ...bare.environment, ...environment },
      timeoutMs: 60_000,
      snsUrl: sns.url,
      clockOffsetMs: () => aheadMs,
      onPrint: (_, text) => printed.push(text),
    });
    started.push(instance);
    return instance;
  };
  const run: WorkerRig['run'] = async (instance, event) => {
    const { ok, payload } = await instance.invoke(JSON.stringify(event));
    return { ok, answer: JSON.parse(payload) as unknown };
  };
  let deliveries = 0;

  return {
    slack,
    queues,
    dfns,
    langsmith,
    github,
    sns,
    printed,
    start,
    run,
    deliver: (job, { by, receives = 1, key = shared.fingerprintKey }) => {
      const messageId = `message-${(deliveries += 1)}`;
      const record = {
        messageId,
        receiptHandle: `handle-${messageId}`,
        body: typeof job === 'string' ? job : signJob(deriveKey(key, 'jobs'), job),
        attributes: { ApproximateReceiveCount: String(receives) },
      };
      return run(by, { Records: [record] });
    },
    printedLines: (part, many = 1) =>
      vi.waitFor(
        () => {
          const lines = printed.filter((line) => line.includes(part));
          expect(lines.length, part).toBeGreaterThanOrEqual(many);
          return lines;
        },
        { timeout: 10_000 },
      ),
    saidIn: (channel) =>
      slack.messages().flatMap((one) => (one.channel === channel ? [`${one.text} ${JSON.stringify(one.blocks)}`] : [])),
    queued: async () => (await queues.history()).length,
    queuedSince: async (before) => (await queues.history()).slice(before).map(({ body }) => body),
    mint: (name) => langsmith.mint({ profile: 'langsmith-demo', name }),
    revive: async (id) => {
      await openProvider(langsmith.profileSecret('langsmith-demo')).activate(id);
    },
    isAlive: (id) => langsmith.tokens().some((token) => token.id === id && token.state === 'active'),
    close: async () => {
      await Promise.all(started.map((instance) => instance.close()));
      await Promise.all([table, secrets, slack, queues, dfns, langsmith, github, sns].map((one) => one.close()));
      rmSync(folder, { recursive: true });
    },
  };
}
