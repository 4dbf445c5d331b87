import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { buildFunctions } from '#infra/build.ts';
import { loadPolicy } from '#infra/policy.ts';
import { type Queues, startQueues } from '#infra/sandbox/aws/queues.ts';
import { type GithubStandIn, startGithub } from '#infra/sandbox/github/github.ts';
import { readDeployment, REGION, STAGE } from '#infra/sandbox/lambda/deployment.ts';
import { type Instance, startInstance } from '#infra/sandbox/lambda/instance.ts';
import type { Invocation } from '#infra/sandbox/lambda/invocation.ts';
import { prepareRuntime } from '#infra/sandbox/lambda/runtime.ts';
import { type DfnsStandIn, startDfns } from '#infra/sandbox/providers/dfns/dfns.ts';
import { type LangSmithStandIn, startLangSmith } from '#infra/sandbox/providers/langsmith/langsmith.ts';
import { type SecretsManagerStandIn, startSecretsManager } from '#infra/sandbox/secrets/secrets-manager.ts';
import { makeSharedSecrets, seedSecrets } from '#infra/sandbox/secrets/seeds.ts';
import { signCommand } from '#infra/sandbox/slack/sign.ts';
import { type SlackStandIn, startSlack } from '#infra/sandbox/slack/slack.ts';
import { sealDelivery, textsOf } from '#shared/alerts/seal-delivery.ts';
import { hmacSha256 } from '#shared/core/hmac-sha256.ts';
import { Secret } from '#shared/core/secret.ts';
import type { CommandJob, LeakJob } from '#shared/jobs/job.ts';
import { signJob } from '#shared/jobs/sign-job.ts';
import { findOnce } from '#shared/providers/find-once.ts';
import { deriveKey } from '#shared/secrets/derive-key.ts';
import { acceptAll } from '#test/support/alerts.ts';
import { type RunningTable, startTable } from '#test/support/dynalite.ts';
import { langsmithKey } from '#test/support/leaks.ts';
import { admin, receiveSigned } from '#test/support/slack-requests.ts';
import { bareFunction } from '#test/support/bare-function.ts';

const CREDENTIALS = { accessKeyId: 'ASIASANDBOXSANDBOX00', secretAccessKey: 'sandbox-secret-access-key' };
const shared = makeSharedSecrets();
const fingerprint = (text: string) => hmacSha256(shared.fingerprintKey, text).toString('hex');

let folder: string;
let table: RunningTable;
let secrets: SecretsManagerStandIn;
let slack: SlackStandIn;
let queues: Queues;
let dfns: DfnsStandIn;
let langsmith: LangSmithStandIn;
let github: GithubStandIn;
let start: (name: string) => Instance;
let instances: Readonly<Record<'slack-worker' | 'alert-worker' | 'hygiene', Instance>>;
const printed: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'patrol-workers-'));
  const shipped = loadPolicy();
  const policy = { ...shipped, alerts: { ...shipped.alerts, repositories: ['acme/*'] } };
  const { functions, queues: deployed } = readDeployment();
  const [runtime] = await Promise.all([prepareRuntime(folder), buildFunctions({ out: join(folder, 'dist'), policy })]);
  [table, secrets, slack, queues, dfns, langsmith, github] = await Promise.all([
    startTable(),
    startSecretsManager({ credentials: CREDENTIALS }),
    startSlack(),
    startQueues(deployed),
    startDfns(),
    startLangSmith(),
    startGithub(),
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
  };
  start = (name) => {
    const given = functions.find((one) => one.name === name)!.environment;
    const deployedEnvironment = Object.entries(given).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : queues.queueUrl(value.Ref),
    ]);
    const bare = bareFunction(name, join(folder, 'dist'));
    return startInstance({
      ...bare,
      runtime,
      environment: {
        ...Object.fromEntries(deployedEnvironment),
        ...around,
        TABLE_NAME: table.table,
        ...bare.environment,
      },
      timeoutMs: 60_000,
      clockOffsetMs: () => 0,
      onPrint: (_, text) => printed.push(text),
    });
  };
  instances = {
    'slack-worker': start('slack-worker'),
    'alert-worker': start('alert-worker'),
    hygiene: start('hygiene'),
  };
}, 90_000);
afterAll(async () => {
  await Promise.all(Object.values(instances).map((instance) => instance.close()));
  await Promise.all([table, secrets, slack, queues, dfns, langsmith, github].map((one) => one.close()));
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  printed.length = 0;
});

/** The lines that say this, as soon as there are so many: what a process prints comes on a way of its own. */
const printedLines = (part: string, many = 1) =>
  vi.waitFor(
    () => {
      const lines = printed.filter((line) => line.includes(part));
      expect(lines.length, part).toBeGreaterThanOrEqual(many);
      return lines;
    },
    { timeout: 10_000 },
  );

const answerOf = ({ ok, payload }: Invocation): unknown => ({ ok, answer: JSON.parse(payload) as unknown });
const DONE = { ok: true, answer: { batchItemFailures: [] } };

let deliveries = 0;
/** Hands a worker one record of its queue, signed as our own functions sign. */
async function deliver(name: 'slack-worker' | 'alert-worker', job: CommandJob | LeakJob, key = shared.fingerprintKey) {
  const messageId = `message-${(deliveries += 1)}`;
  const record = {
    messageId,
    receiptHandle: `handle-${messageId}`,
    body: JSON.stringify(signJob(deriveKey(key, 'jobs'), job)),
    attributes: { ApproximateReceiveCount: '1' },
  };
  return answerOf(await instances[name].invoke(JSON.stringify({ Records: [record] })));
}
const run = async (event: object) => answerOf(await instances.hygiene.invoke(JSON.stringify(event)));

/** What somebody has typed, as the edge queues it. */
function typed(text: string, deliveryKey: string): CommandJob {
  const { job } = receiveSigned(signCommand(admin, text));
  if (job?.kind !== 'command') throw new Error('the edge queues no command of it');
  return { ...job, deliveryKey, receivedAt: new Date().toISOString() };
}
/** The sealed report of a scanner that found this secret. */
function leaked(secret: string): LeakJob {
  const findings = [{ secret: new Secret(secret) }];
  const { jobs } = sealDelivery({
    source: 'generic',
    content: Buffer.from(secret),
    findings,
    skipped: 0,
    receivedAt: new Date().toISOString(),
    fingerprint,
    find: findOnce(),
    validities: acceptAll(textsOf(findings), fingerprint),
  });
  return jobs[0]!;
}
const mint = (name: string) => langsmith.mint({ profile: 'langsmith-demo', name });
const isAlive = (id: string) => langsmith.tokens().some((token) => token.id === id && token.state === 'active');
const saidIn = (channel: string) =>
  slack.messages().flatMap((one) => (one.channel === channel ? [`${one.text} ${JSON.stringify(one.blocks)}`] : []));
const queuedSince = async (before: number) => (await queues.history()).slice(before).map(({ body }) => body);

describe('the slack worker', () => {
  it('does what was typed, once however often it comes, and says so in the channel', async () => {
    const { id } = mint('laptop of the worker');
    const job = typed(`deactivate ${id} left in cab`, 'typed-1');
    expect(await deliver('slack-worker', job)).toEqual(DONE);
    expect(isAlive(id)).toBe(false);
    const said = () => saidIn('C0GENERAL01').filter((text) => text.includes('laptop of the worker'));
    expect(said()).toHaveLength(1);
    expect(await deliver('slack-worker', job)).toEqual(DONE);
    expect(said()).toHaveLength(1);
    expect(await printedLines('"event":"job_done"', 2)).toHaveLength(2);
    expect(printed.join('')).not.toContain('left in cab');
  });

  it('drops what our own functions have not signed, and does nothing of it', async () => {
    const { id } = mint('forged');
    expect(await deliver('slack-worker', typed(`deactivate ${id}`, 'forged-1'), 'f'.repeat(64))).toEqual(DONE);
    expect(isAlive(id)).toBe(true);
    await printedLines('"event":"job_unreadable"');
    expect(printed.join('')).not.toContain('"event":"job_done"');
  });

  it('gives a request that could not be answered back to the queue, and answers it when it comes again', async () => {
    const job = typed('list', 'troubled-1');
    const before = saidIn('C0GENERAL01').length;
    slack.setFault({ mode: '500' });
    const answer = await deliver('slack-worker', job);
    slack.setFault({ mode: 'none' });
    expect(answer).toEqual({
      ok: true,
      answer: { batchItemFailures: [{ itemIdentifier: `message-${deliveries}` }] },
    });
    expect(saidIn('C0GENERAL01')).toHaveLength(before);
    expect(await deliver('slack-worker', job)).toEqual(DONE);
    expect(saidIn('C0GENERAL01')).toHaveLength(before + 1);
  });
});

describe('the alert worker', () => {
  it('stops a leaked token, shows that in the security channel, and repeats no word of the secret', async () => {
    const { id, secret } = mint('leaked to the worker');
    const before = (await queues.history()).length;
    expect(await deliver('alert-worker', leaked(secret))).toEqual(DONE);
    expect(isAlive(id)).toBe(false);
    const cards = saidIn('C0SECURITY1').filter((text) => text.includes('leaked to the worker'));
    expect(cards).not.toEqual([]);
    const [line] = await printedLines('"event":"leak_handled"');
    expect(JSON.parse(line ?? '{}')).toMatchObject({ source: 'generic', result: 'dead', rule: 'proved' });
    const everything = JSON.stringify([slack.messages(), printed, await queuedSince(before)]);
    expect(everything).not.toContain(secret);
    expect(everything).not.toContain(secret.slice(12, 40));
  });

  it('queues each report of a part of a large delivery as a job of its own', async () => {
    const report = leaked(langsmithKey('pt'));
    if (report.kind !== 'report') throw new Error('no report was sealed');
    const reports = [report.report, { ...report.report, key: 'another' }];
    const { source, receivedAt, deliveryKey } = report;
    const before = (await queues.history()).length;
    const part = { v: 1, kind: 'report-part', source, receivedAt, deliveryKey, offset: 0, reports } as const;
    expect(await deliver('alert-worker', part)).toEqual(DONE);
    const kinds = (await queuedSince(before)).map((body) => (JSON.parse(body) as LeakJob).kind);
    expect(kinds).toEqual(['report', 'report']);
  });
});

describe('hygiene', () => {
  it('posts one digest per firing, however often it is called', async () => {
    const digests = () => saidIn('C0SECURITY1').length;
    const before = digests();
    expect(await run({ id: 'firing-1' })).toMatchObject({ ok: true });
    expect(digests()).toBe(before + 1);
    expect(await run({ id: 'firing-1' })).toMatchObject({ ok: true });
    expect(digests()).toBe(before + 1);
    expect(await run({ id: 'firing-2' })).toMatchObject({ ok: true });
    expect(digests()).toBe(before + 2);
  });

  it('writes how many cases are open, and how long the first that needs a person has waited', async () => {
    expect(await run({ task: 'count' })).toMatchObject({ ok: true });
    for (const name of ['CasesWaiting', 'LongestWait', 'OpenCases']) {
      const [line] = await printedLines(`"Name":"${name}"`);
      expect(line).toContain(`Patrol/${STAGE}`);
    }
  });

  it('tells of dead letters, and says nothing where there are none', async () => {
    const before = slack.messages().length;
    expect(await run({ task: 'dead-letters' })).toMatchObject({ ok: true });
    expect(slack.messages()).toHaveLength(before);
    const QueueUrl = queues.queueUrl('LeaksDeadQueue');
    await fetch(QueueUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' },
      body: JSON.stringify({ QueueUrl, MessageBody: '{}' }),
    });
    expect(await run({ task: 'dead-letters' })).toMatchObject({ ok: true });
    expect(saidIn('C0SECURITY1').at(-1)).toMatch(/^Patrol gave up on 1 leak report\./);
    const [line] = await printedLines('"event":"dead_letters"');
    expect(JSON.parse(line ?? '{}')).toMatchObject({ count: 1 });
  });

  it('queues a report of each open alert at GitHub that never arrived, and answers how many', async () => {
    github.setAlert({ repository: 'acme/payments', number: 7, secret: langsmithKey('pt'), secret_type: 'x' });
    const before = (await queues.history()).length;
    expect(await run({ task: 'reconcile' })).toMatchObject({ ok: true, answer: { missed: 1, unread: [] } });
    const [body, ...others] = await queuedSince(before);
    expect(others).toEqual([]);
    expect(JSON.parse(body ?? '{}')).toMatchObject({
      kind: 'report',
      source: 'github',
      report: { locator: { number: 7 } },
    });
  });

  it('fails on a task that is none, and on a failing one with a line that rings', async () => {
    expect(await run({ task: 'constructor' })).toMatchObject({ ok: false });
    queues.setFault({ mode: '500' });
    const failed = await run({ task: 'dead-letters' });
    queues.setFault({ mode: 'none' });
    expect(failed).toMatchObject({ ok: false });
    const [line] = await printedLines('"event":"dead-letters"');
    expect(JSON.parse(line ?? '{}')).toMatchObject({ level: 'error', result: 'failed', fault: 'store_unavailable' });
  });
});
