import { issuerOf } from '#shared/policy/issuers.ts';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { CheckValidity } from '#shared/alerts/check-validity.ts';
import { webApi } from '@slack/bolt';
import { createQueueWorker } from '#functions/runtime/queue-worker.ts';
import { createGithubAnswerer } from '#shared/alerts/github-answerer.ts';
import { createGithubRest } from '#shared/alerts/github-rest.ts';
import { createReconcileGithub } from '#shared/alerts/reconcile-github.ts';
import { createEndWait } from '#shared/alerts/end-wait.ts';
import { createHandleLeak } from '#shared/alerts/handle-leak.ts';
import { createAnswerBack } from '#shared/cases/answer-back.ts';
import { createSearchAgain, type SearchAgain } from '#shared/cases/search-again.ts';
import { createPlanNext } from '#shared/cases/plan-next.ts';
import { createReadAgain } from '#shared/cases/read-again.ts';
import { createWake } from '#shared/cases/wake.ts';
import { createRollUps } from '#shared/cases/roll-ups.ts';
import { createShowCase } from '#shared/cases/show-case.ts';
import type { AwsCall } from '#shared/core/aws-call.ts';
import { createHttp } from '#shared/core/http.ts';
import { Secret } from '#shared/core/secret.ts';
import type { Clue } from '#shared/providers/clue.ts';
import { digest } from '#shared/hygiene/assess.ts';
import { keepProtected, newlyProtected } from '#shared/tokens/newly-protected.ts';
import { readInventories } from '#shared/hygiene/read-inventories.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import { countMuted } from '#shared/cases/count-muted.ts';
import { findRevived } from '#shared/cases/find-revived.ts';
import type { DeadLetters } from '#shared/jobs/count-dead-letters.ts';
import { createSayLoud } from '#shared/slack/say-loud.ts';
import { announceDeadLetters } from '#shared/slack/announce-dead-letters.ts';
import {
  type CommandJob,
  commandJobSchema,
  type LeakJob,
  leakJobSchema,
  type SendLeaksLater,
} from '#shared/jobs/job.ts';
import { createPostpone } from '#shared/jobs/postpone.ts';
import { sendPart } from '#shared/jobs/to-parts.ts';
import { sendJobsLater } from '#shared/jobs/send-jobs.ts';
import { protectedBy } from '#shared/policy/protected-by.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { createSecretReader, type FetchSecret, type SecretReader } from '#shared/secrets/secret-reader.ts';
import { createApprovalMessenger } from '#shared/slack/approval-messenger.ts';
import { createSlackApp } from '#shared/slack/slack-app.ts';
import { PROTECTED_SHOWN } from '#shared/slack/blocks/protected-lines.ts';
import { renderDigest } from '#shared/slack/blocks/render-digest.ts';
import { createBotFetch } from '#shared/slack/bot-fetch.ts';
import { createCallSomebody } from '#shared/slack/call-somebody.ts';
import { createCaseMessenger } from '#shared/slack/case-messenger.ts';
import { createGroups } from '#shared/slack/groups.ts';
import { createPeople } from '#shared/slack/people.ts';
import { createReply, type Reply } from '#shared/slack/reply.ts';
import { type Buttons, createButtons } from '#shared/slack/buttons.ts';
import { deriveKey } from '#shared/secrets/derive-key.ts';
import { deriveButtonKeys } from '#shared/slack/derive-button-keys.ts';
import { parseBotToken, SLACK_SECRETS } from '#shared/slack/slack-secret.ts';
import { SAYING_OPTIONS, WEB_CLIENT_OPTIONS } from '#shared/slack/to-slack-fault.ts';
import { createDynamoStore } from '#shared/store/dynamo/dynamo-store.ts';
import type { Every } from '#shared/store/dynamo/lease.ts';
import { createLog, type Log } from '#shared/telemetry/log.ts';
import type { Delivery } from '#shared/tokens/delivery.ts';
import { createProviders } from '#shared/tokens/providers.ts';
import { type CallBudget, createCallBudget } from '#shared/tokens/call-budget.ts';
import type { Side } from '#shared/tokens/room-for.ts';
import type { Services } from '#shared/tokens/services.ts';
import { watchProviders } from '#shared/tokens/watch-providers.ts';
import type { Handler } from './queue.ts';
import type { World } from './world.ts';

/** Everything that the world gives to one process of the bot. A planted fault wraps one of these. */
export interface Rim {
  readonly policy: Policy;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly random: () => number;
  readonly newId: () => string;
  readonly every: Every;
  readonly fetch: typeof fetch;
  readonly client: DynamoDBDocumentClient;
  readonly call: AwsCall;
  readonly fetchSecret: FetchSecret;
  readonly fingerprint: (text: string) => string;
  readonly watched: (clue: Clue) => Promise<Clue | undefined>;
  readonly checkValidity: CheckValidity;
  readonly maxReceives: number;
  readonly log: (line: string) => void;
}

/** What a planted fault may wrap. */
export interface Wrap {
  readonly rim?: (rim: Rim, world: World) => Rim;
  readonly services?: (services: Services, world: World) => Services;
  readonly reply?: (reply: Reply, world: World) => Reply;
  readonly handler?: (handler: Handler) => Handler;
}

export const QUEUES = { commands: 'https://sqs.sim/commands', leaks: 'https://sqs.sim/leaks' } as const;
export const DEAD_QUEUES = { commands: 'https://sqs.sim/commands-dead', leaks: 'https://sqs.sim/leaks-dead' } as const;

const FINGERPRINT_KEY = 'fingerprint-key-of-the-simulation-0123';
/** What the jobs and the buttons of this stage are signed with. */
export const JOB_KEY = deriveKey(FINGERPRINT_KEY, 'jobs');
export const BUTTON_KEYS = deriveButtonKeys(FINGERPRINT_KEY);

/** A provider's limit that can be used up in a history; the real ones are some twenty times as large. */
const FEW_CALLS = 60;

/** A budget of so few calls. */
function ofFewCalls({ count, refused, begin }: CallBudget): CallBudget {
  const few = (limit: Parameters<CallBudget['count']>[0]) => ({ ...limit, callsPerMinute: FEW_CALLS });
  return {
    count: (limit) => count(few(limit)),
    refused: (limit) => refused(few(limit)),
    begin: (limit, beginning) => begin(few(limit), beginning),
  };
}

interface Worker {
  readonly rim: Rim;
  readonly world: World;
  readonly services: Services;
  readonly reply: Reply;
  readonly buttons: Buttons;
  readonly secrets: SecretReader;
  readonly log: Log;
  readonly botToken: string;
  readonly searchAgain: SearchAgain;
  readonly sendLeaksLater: SendLeaksLater;
}

interface Built {
  readonly wrap: Wrap;
  /** Whose calls are counted. */
  readonly side?: Side;
}

/** Builds what every function stands on, as functions/runtime does, out of what the world gives. */
async function createWorker(world: World, given: Rim, { wrap, side }: Built): Promise<Worker> {
  const rim = wrap.rim?.(given, world) ?? given;
  const { policy, now, sleep, random, newId, every, fingerprint } = rim;
  const secrets = createSecretReader({ fetchSecret: rim.fetchSecret, now });
  const botTokenOf = async (how: 'read' | 'refresh') => parseBotToken(await secrets[how](SLACK_SECRETS.bot));
  const botToken = (await botTokenOf('read')).expose();
  const fetch = createBotFetch({
    fetch: rim.fetch,
    read: () => botTokenOf('read'),
    refresh: () => botTokenOf('refresh'),
  });
  const wire = { slackApiUrl: 'https://slack.sim/api/', fetch, logger: QUIET };
  const client = new webApi.WebClient(botToken, { ...WEB_CLIENT_OPTIONS, ...wire });
  const sayingClient = new webApi.WebClient(botToken, { ...SAYING_OPTIONS, ...wire });
  const groupIds = [...new Set(Object.values(policy.roles).flatMap(({ groups }) => groups))];
  const store = createDynamoStore({
    client: rim.client,
    table: 'patrol',
    now,
    sleep,
    newId,
    every,
  });
  const searchAgain = createSearchAgain({ store, now, send: sendLeaksLater(rim) });
  const watch = (providers: Services['providers']) =>
    watchProviders(providers, { answered: searchAgain.answered, failed: () => {} });
  const services: Services = {
    policy,
    store,
    providers: watch(
      createProviders({
        policy,
        secrets,
        secretName: (profile) => `profiles/${profile}`,
        allowsLoopback: false,
        fetch: rim.fetch,
        now,
        sleep,
        random,
        fingerprint,
        ...(side && { budget: ofFewCalls(createCallBudget({ notes: store.notes, now, sleep, random, side })) }),
      }),
    ),
    groups: createGroups({ client, groupIds, now, sleep }),
    people: createPeople({ client, now }),
    channels: { isShared: async () => false, linkTo: async () => undefined },
    version: '0.0.0-test',
    slackCheck: async () => ({ missingScopes: [] }),
    sendLater: sendLeaksLater(rim),
    now,
    sleep,
    newId,
  };
  const buttons = createButtons({ keys: BUTTON_KEYS, notes: store.notes, newId });
  const reply = createReply({
    client: sayingClient,
    buttons,
    responseUrlOrigin: 'https://hooks.slack.sim',
    fetch: rim.fetch,
    now,
    sleep,
  });
  return {
    rim,
    world,
    services: wrap.services?.(services, world) ?? services,
    reply: wrap.reply?.(reply, world) ?? reply,
    buttons,
    secrets,
    log: createLog({}, rim.log, now),
    botToken,
    searchAgain,
    sendLeaksLater: sendLeaksLater(rim),
  };
}

const sendLeaksLater =
  ({ call }: Rim) =>
  (jobs: readonly LeakJob[], delaySeconds: number) =>
    sendJobsLater({ call, jobKey: JOB_KEY }, { queueUrl: QUEUES.leaks, delaySeconds }, jobs);

const QUIET: webApi.Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => webApi.LogLevel.ERROR,
  setName: () => {},
};

function createCases({ rim, services, reply, secrets, searchAgain }: Worker) {
  const { now, sleep, random } = rim;
  const { store } = services;
  const github = createGithubRest({
    http: createHttp({ fetch: rim.fetch, now, sleep, random }),
    baseUrl: 'https://api.github.com',
    readToken: async () => new Secret((await secrets.read('github')).current.expose()),
  });
  const wake = createWake({
    store,
    now,
    minutes: services.policy.alerts.remindMinutes,
    send: sendLeaksLater(rim),
    say: createCallSomebody({ services, reply }),
  });
  const messenger = createCaseMessenger({ services, reply });
  const rollUps = createRollUps({ ...services, ...messenger, flood: services.policy.alerts.flood });
  const show = createShowCase({ store, now, plan: createPlanNext({ wake, searchAgain }), rollUps, ...messenger });
  const answerers = { github: createGithubAnswerer(github, rim.fingerprint) };
  const answerBack = createAnswerBack({ store, now, answerers });
  const { plan, begin, read } = createReadAgain({ services, send: sendLeaksLater(rim), show, answerBack });
  return {
    github,
    wake,
    show,
    planLook: plan,
    beginLook: begin,
    readAgain: read,
    answerBack,
  };
}

/** Runs each job under its own name, so that the world knows what caused what. */
const named =
  <J extends object, D>(world: World, handle: (job: J, delivery: D) => Promise<unknown>) =>
  async (job: J, delivery: D): Promise<unknown> => {
    const { deliveryKey } = job as { readonly deliveryKey?: string };
    return world.run(world.process()!, () => handle(job, delivery), deliveryKey);
  };

/** Builds a worker on its first event; while that fails the jobs come back after a pause. */
function onFirstEvent(rim: Rim, queueUrl: string, build: () => Promise<Handler>): Handler {
  let built: Promise<Handler> | undefined;
  return async (event, context) => {
    built ??= build();
    const handler = await built.catch(async (error: unknown) => {
      built = undefined;
      const postpone = createPostpone({ call: rim.call, queueUrl, random: rim.random });
      await Promise.all(event.Records.map((record) => postpone(record)));
      throw error;
    });
    return handler(event, context);
  };
}

/** The commands' worker: Bolt, its listeners and all behind them. */
export function startCommandsWorker(world: World, rim: Rim, wrap: Wrap): Handler {
  return onFirstEvent(rim, QUEUES.commands, async () => {
    const worker = await createWorker(world, rim, { wrap, side: 'people' });
    const { services, reply, botToken, log } = worker;
    const { call, random, maxReceives } = worker.rim;
    const app = createSlackApp({
      services,
      reply,
      botToken,
      buttons: worker.buttons,
      sendLeaks: (jobs, delaySeconds = 0) => worker.sendLeaksLater(jobs, delaySeconds),
      cases: createCases(worker),
      followApproval: createApprovalMessenger({ services, reply }).follow,
    });
    return createQueueWorker<CommandJob>({
      schema: commandJobSchema,
      handle: named(world, async (job: CommandJob, delivery: Delivery) =>
        (await app.handle(job, delivery)) ? undefined : 'unknown',
      ),
      call,
      queueUrl: QUEUES.commands,
      jobKey: JOB_KEY,
      now: services.now,
      maxReceives,
      log,
      random,
    });
  });
}

/** The leaks' worker. */
export function startLeaksWorker(world: World, rim: Rim, wrap: Wrap): Handler {
  return onFirstEvent(rim, QUEUES.leaks, async () => {
    const worker = await createWorker(world, rim, { wrap, side: 'alerts' });
    const { services, log } = worker;
    const { call, random, maxReceives, fingerprint, watched } = worker.rim;
    const { checkValidity } = worker.rim;
    const approvals = createApprovalMessenger({ services, reply: worker.reply });
    const planSearch = worker.searchAgain.plan;
    const issuerIn = (profile: string) => issuerOf(services.policy, profile);
    const made = { ...createCases(worker), fingerprint, watched, checkValidity, planSearch, issuerOf: issuerIn };
    const handleLeak = createHandleLeak({ services, ...made, sendLater: worker.sendLeaksLater });
    const endWait = createEndWait({ services, ...made, sendLater: worker.sendLeaksLater });
    return createQueueWorker<LeakJob>({
      schema: leakJobSchema,
      handle: named(world, async (job: LeakJob, delivery: Delivery) => {
        if (job.kind === 'wake') return made.wake.due(job);
        if (job.kind === 'wait-over') return endWait(job, delivery);
        if (job.kind === 'read-again') return made.readAgain(job);
        if (job.kind === 'approval-due') return void (await approvals.due(job));
        if (job.kind === 'report-part') return sendPart(job, sendLeaksLater(worker.rim));
        const report = job.kind === 'search-again' ? await worker.searchAgain.due(job, delivery.attempt) : job;
        return report?.kind === 'report' ? handleLeak(report, delivery) : undefined;
      }),
      call,
      queueUrl: QUEUES.leaks,
      jobKey: JOB_KEY,
      now: services.now,
      maxReceives,
      log,
      random,
    });
  });
}

interface Firing {
  readonly wrap: Wrap;
  readonly firing: string;
}

/** The weekly report, as functions/hygiene.ts makes it. */
export async function runHygiene(world: World, rim: Rim, { wrap, firing }: Firing): Promise<void> {
  const worker = await createWorker(world, rim, { wrap });
  const { services, reply, searchAgain } = worker;
  const { show, planLook } = createCases(worker);
  const { policy, store, now } = services;
  const reporting = store.remember(`hygiene:${firing}`, async () => {
    const { inventories, unread } = await readInventories(services, services.providers.names());
    const tokens = inventories.flatMap((inventory) => inventory.tokens);
    const alive = await findRevived(services, tokens);
    const isProtected = (token: Token) => protectedBy(policy, token) !== undefined;
    const newlyTold = await newlyProtected(store, tokens.filter(isProtected));
    const report = digest({
      ...{ inventories, unread, ...alive, isProtected, newlyProtected: newlyTold, now: now() },
      thresholds: policy.hygiene,
      muted: await countMuted(store, new Date(now().getTime() - 7 * 86_400_000)),
    });
    const ids = [...alive.revived.map(({ caseId }) => caseId), ...alive.returned];
    const followed = await Promise.allSettled(ids.map((id) => show(id).then(() => planLook(id))));
    const message = renderDigest(report, { now: now(), discreet: false });
    await createSayLoud({ services, reply })({ channel: policy.channels.security, message, key: `hygiene:${firing}` });
    // Whose look is not planned is found again by the next attempt.
    for (const told of followed) if (told.status === 'rejected') throw told.reason;
    await keepProtected(store, newlyTold.slice(0, PROTECTED_SHOWN));
    return true;
  });
  await reporting.finally(() => searchAgain.all());
}

/** Compares GitHub's open alerts with the cases, as functions/hygiene.ts does daily and on demand; gives how many never arrived. */
export async function runReconcile(world: World, rim: Rim, wrap: Wrap): Promise<number> {
  const worker = await createWorker(world, rim, { wrap });
  const { github } = createCases(worker);
  const { store, now, policy } = worker.services;
  const send = (jobs: readonly LeakJob[]) => worker.sendLeaksLater(jobs, 0);
  const { fingerprint } = worker.rim;
  const { repositories } = policy.alerts;
  return (await createReconcileGithub({ github, repositories, store, now, fingerprint, send })()).missed;
}

interface Given {
  readonly wrap: Wrap;
  readonly dead: DeadLetters;
}

/** Tells what was given up, as functions/hygiene.ts does every five minutes. */
export async function runDeadLetters(world: World, rim: Rim, { wrap, dead }: Given): Promise<void> {
  const worker = await createWorker(world, rim, { wrap });
  const { services, reply, buttons, searchAgain } = worker;
  const { show } = createCases(worker);
  const { call } = worker.rim;
  const followApproval = createApprovalMessenger({ services, reply }).follow;
  const ends = { show, followApproval, planSearch: searchAgain.plan };
  const deps = { services, reply, buttons, ...ends, call, deadQueues: DEAD_QUEUES, jobKey: JOB_KEY, stage: 'sim' };
  await announceDeadLetters(deps, dead);
}
