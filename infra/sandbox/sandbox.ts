import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stop as stopEsbuild } from 'esbuild';
import { type BuiltFunction, buildFunctions } from '#infra/build.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { createAlarm } from './senders/alarm.ts';
import { createControl } from './control/control.ts';
import type { ControlParts } from './control/control-parts.ts';
import { createRoutes } from './control/routes.ts';
import type { FaultTarget } from './control/fault-targets.ts';
import { startFront } from './control/front.ts';
import { type Cloud, startCloud } from './lambda/cloud.ts';
import { type Deployment, readDeployment } from './lambda/deployment.ts';
import { createHttpApi, type HttpApi } from './lambda/http-api.ts';
import { prepareRuntime } from './lambda/runtime.ts';
import { buildPage } from './control/page-files.ts';
import { createPageState } from './control/page-state.ts';
import {
  makeSharedSecrets,
  type ProfileSecrets,
  type SecretNames,
  seedSecrets,
  type SharedSecrets,
} from './secrets/seeds.ts';
import type { Ready } from './ready.ts';
import { createSlackPerson } from './slack/person.ts';
import type { AlertSecrets } from './senders/sender.ts';
import { ofEachProvider } from './providers/start-providers.ts';
import type { SlackStandIn } from './slack/slack.ts';
import { TEAM_ID } from './slack/workspace.ts';
import { standInsOf, startSurroundings, type Surroundings } from './surroundings.ts';
import type { FaultSwitch } from './kit/stand-in.ts';

export interface SandboxOptions {
  /** 0 picks a free one. */
  readonly port: number;
  readonly policy: Policy;
  /** Credentials to use instead of the stand-ins' own. */
  readonly profiles?: ProfileSecrets;
  /** Where the functions reach Slack's Web API instead of the stand-in. */
  readonly slackApiUrl?: string;
  readonly page: boolean;
  /** Zips to run as they are, with the policy that is inside, instead of building. */
  readonly built?: readonly BuiltFunction[];
  /** Milliseconds that the world outside AWS adds to each answer. */
  readonly rttMs: number;
  /** Messages that Slack takes in a channel each minute; 0 for any number. */
  readonly slackPosts?: number;
  /** Is told each step of the start as it begins. */
  readonly onStep?: (step: string) => void;
}

export interface Sandbox {
  readonly ready: Ready;
  /** Stops everything. No process, listener or file is left. */
  close(): Promise<void>;
}

const CHANNELS = { security: 'C0SECURITY1', general: 'C0GENERAL01' } as const;
const USERS = {
  admin: 'U0ADMIN0001',
  operator: 'U0OPERATOR1',
  approver: 'U0APPROVER1',
  viewer: 'U0VIEWER001',
  outsider: 'U0OUTSIDER1',
} as const;
/** Stored in Secrets Manager and tagged for watching, so that a bare hash of them can be matched. */
const WATCHED = new Set(['ci-deploy', 'prod-tracing']);

/** Starts the whole of Patrol with everything around it. Rejects, with nothing left behind, when a part does not start. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const folder = mkdtempSync(join(tmpdir(), 'patrol-sandbox-'));
  const closers: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const each of closers.splice(0).reverse()) await each();
  };
  try {
    return { ready: await start(options, folder, closers), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(options: SandboxOptions, folder: string, closers: (() => unknown)[]): Promise<Ready> {
  const { policy, onStep = () => undefined } = options;
  // First of all, so that a taken port is told at once.
  const front = await startFront(options.port);
  closers.push(() => front.close());
  const deployment = readDeployment();
  const shared = makeSharedSecrets();
  onStep(
    options.built === undefined ? 'building the five functions as they would be deployed' : 'taking the zips given',
  );
  const { page, ...program } = await build(options, folder);
  onStep('starting Slack, the providers, GitHub, queues, table and secrets around them');
  const surroundings = await startSurroundings({
    policy,
    rttMs: options.rttMs,
    slackPosts: options.slackPosts ?? 0,
    deployment,
    githubToken: shared.githubToken,
    onStarted: (each) => closers.push(each),
  });
  const { profileSecrets, secretNames } = fillSecrets(surroundings, shared, options);
  const cloud = startCloud({
    ...program,
    deployment,
    queues: surroundings.queues,
    folder: join(folder, 'task'),
    endpoints: endpointsOf(surroundings, profileSecrets, options.slackApiUrl),
    snsUrl: surroundings.sns.url,
  });
  closers.push(() => cloud.close());

  const running: Running = { ...surroundings, cloud, deployment, url: front.url, shared };
  const parts = controlParts(running);
  const control = createControl(createRoutes({ ...parts, pageState: createPageState({ ...parts, policy }) }));
  const api = createHttpApi(deployment.functions, (name, event) => cloud.fleets.get(name)!.invoke(event));
  front.serve({ page, control, api: watched(api, surroundings.slack) });
  onStep("starting each function in AWS's own runtime client");
  await cloud.warm();
  return { ready: true, ...told(running, secretNames), policy };
}

/** The zips, what runs them, and the page. */
async function build({ policy, built, page }: SandboxOptions, folder: string) {
  const [zips, runtime, files] = await Promise.all([
    built ?? buildFunctions({ policy, out: join(folder, 'dist') }),
    prepareRuntime(folder),
    page ? buildPage() : undefined,
  ]);
  await stopEsbuild();
  return { built: zips, runtime, page: files };
}

/** Puts into Secrets Manager what `npm run setup` would have put there. */
function fillSecrets({ secrets, slack, providers }: Surroundings, shared: SharedSecrets, options: SandboxOptions) {
  const { policy, profiles } = options;
  const profileSecrets =
    profiles ??
    Object.fromEntries(
      Object.entries(policy.profiles).map(([name, { provider }]) => [name, providers[provider].profileSecret(name)]),
    );
  const watched = Object.values(providers)
    .flatMap((provider) => provider.tokens())
    .filter(({ name }) => WATCHED.has(name));
  const secretNames = seedSecrets(secrets, { shared, botToken: slack.botToken, profiles: profileSecrets, watched });
  return { profileSecrets, secretNames };
}

/** Where the functions find the world, by AWS's own variables and ours. */
const endpointsOf = (
  { secrets, table, queues, slack, github }: Surroundings,
  profileSecrets: ProfileSecrets,
  slackApiUrl = slack.apiUrl,
): Readonly<Record<string, string>> => ({
  AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
  AWS_ENDPOINT_URL_DYNAMODB: table.url,
  AWS_ENDPOINT_URL_SQS: queues.url,
  SLACK_API_URL: slackApiUrl,
  RESPONSE_URL_ORIGIN: new URL(slack.responseUrl).origin,
  GITHUB_API_URL: github.url,
  ALLOW_LOOPBACK: 'yes',
  ISSUER_URLS: JSON.stringify(issuerUrls(profileSecrets)),
});

/** Slack itself watches what it sends and does something with the answer. */
const watched =
  (api: HttpApi, slack: SlackStandIn): HttpApi =>
  async (request) => {
    if (request.path !== '/slack/events') return api(request);
    const type = request.rawHeaders[request.rawHeaders.findIndex((name) => name.toLowerCase() === 'content-type') + 1];
    const sent = { contentType: type ?? '', body: request.body };
    slack.observe(sent);
    const answer = await api(request);
    slack.settle(sent, { status: answer.status, body: answer.body.toString('utf8') });
    return answer;
  };

/** The surroundings and the functions between them. */
interface Running extends Surroundings {
  readonly cloud: Cloud;
  readonly deployment: Deployment;
  readonly url: string;
  readonly shared: SharedSecrets;
}

function controlParts(running: Running): Omit<ControlParts, 'pageState'> {
  const { cloud, slack, shared, url } = running;
  const faults = new Map<FaultTarget, FaultSwitch>();
  const crashes: { function: string; at: string }[] = [];
  const now = () => new Date(Date.now() + cloud.clockOffsetMs());
  return {
    ...running,
    faults,
    crashes,
    person: createSlackPerson({ slack, signingSecret: shared.signingSecret, endpoint: slackEndpoint(url), now }),
    leak: createAlarm({ ...running, secrets: alertSecretsOf(running), now }),
    reset: async () => {
      faults.clear();
      crashes.length = 0;
      await reset(running);
    },
  };
}

async function reset(running: Running): Promise<void> {
  const { cloud, queues, table } = running;
  cloud.setClockOffset(0);
  await queues.clear();
  await Promise.all([...cloud.fleets.values()].map((fleet) => fleet.clear()));
  for (const part of standInsOf(running)) part.reset();
  await Promise.all([queues.clear(), table.clear()]);
  cloud.printed.length = 0;
  cloud.invocations.length = 0;
  await cloud.warm();
}

const alertSecretsOf = ({ shared, github, sns }: Running): AlertSecrets => ({
  ...shared.alerts,
  'github-partner': {
    keyIdentifier: github.partnerKey.keyIdentifier,
    privateKeyPem: github.partnerKey.privateKeyPem,
  },
  sns: { topicArn: sns.topicArn, privateKeyPem: sns.privateKeyPem, signingCertUrl: sns.signingCertUrl },
});

const slackEndpoint = (url: string): string => `${url}/slack/events`;

/** What a script is told. */
function told(running: Running, secretNames: SecretNames): Omit<Ready, 'ready' | 'policy'> {
  const { url, shared, slack, providers, github, queues, table, secrets } = running;
  return {
    url,
    slack: {
      endpoint: slackEndpoint(url),
      signingSecret: shared.signingSecret,
      teamId: TEAM_ID,
      responseUrl: slack.responseUrl,
      channels: CHANNELS,
      users: USERS,
    },
    alerts: { endpoint: `${url}/alerts`, secrets: alertSecretsOf(running) },
    providers: { ...ofEachProvider((name) => providers[name].url), github: github.url },
    aws: {
      sqs: queues.url,
      dynamodb: table.url,
      secretsManager: secrets.url,
      table: table.name,
      queues: { commands: queues.queueUrl('CommandsQueue'), leaks: queues.queueUrl('LeaksQueue') },
      secretNames,
    },
  };
}

/** Where each provider's stand-in, or the server of one's own credential, listens: a leaked secret is shown there alone. */
function issuerUrls(
  profiles: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.values(profiles).map(({ provider, baseUrl }) => [String(provider), String(baseUrl)]),
  );
}
