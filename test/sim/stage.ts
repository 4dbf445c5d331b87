import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { SLACK_SECRETS } from '#shared/slack/slack-secret.ts';
import { createCheckValidity } from '#shared/alerts/check-validity.ts';
import { issuersOf } from '#shared/policy/issuers.ts';
import type { AlertSecrets } from '#infra/sandbox/senders/sender.ts';
import { hmacSha256 } from '#shared/core/hmac-sha256.ts';
import type { Clue } from '#shared/providers/clue.ts';
import { DEAD_QUEUES, QUEUES, type Rim, startCommandsWorker, startLeaksWorker, type Wrap } from './bot.ts';
import { type Cast, createCast, credentialOf, GENERAL, ONCALL_GROUP, PEOPLE, POLICY } from './cast.ts';
import type { Chance } from './chance.ts';
import { createDfns } from './dfns.ts';
import { createEdges, type Edges } from './edges.ts';
import { createGithub, type SimGithub } from './github.ts';
import { createLangsmith } from './langsmith.ts';
import { createNetwork } from './network.ts';
import { createLedger, type Ledger } from './providers.ts';
import { createQueue, createSqsCall, type SimQueue } from './queue.ts';
import { createSlack, type SimMessage, type SimSlack, type Version } from './slack.ts';
import { asNextRelease, asNextWorker, asThisRelease, toldOfUnknown } from './releases.ts';
import type { Story } from './story.ts';
import { createTable, type SimTable } from './table.ts';
import { createVault, type Vault } from './vault.ts';
import { createFaultProfile, type FaultProfile } from './fault-profile.ts';
import { createWorld, type World } from './world.ts';

/** One call that reached a provider. */
interface ProviderCall {
  readonly at: number;
  readonly sentAt: number;
  readonly provider: string;
  readonly job: string | undefined;
  readonly turn: number | undefined;
  /** False for what only reads. */
  readonly isChange: boolean;
  /** True for what only gives something to sign. */
  readonly isChallenge: boolean;
  /** When the run of its job asked last for its lease; nothing where it has none. */
  readonly leasedAt: number | undefined;
}

/** What a history is played on: the bot, its neighbours, and all that they remember. */
export interface Stage {
  readonly world: World;
  readonly faults: FaultProfile;
  readonly cast: Cast;
  readonly ledger: Ledger;
  readonly slack: SimSlack;
  readonly github: SimGithub;
  readonly table: SimTable;
  readonly queues: { readonly commands: SimQueue; readonly leaks: SimQueue };
  readonly edges: Edges;
  readonly vault: Vault;
  readonly alertSecrets: AlertSecrets;
  /** What the watched secrets' hashes mean. */
  readonly watched: Map<string, Clue>;
  readonly rim: Rim;
  readonly wrap: Wrap;
  /** How long a provider takes from now on until an accepted change is so, milliseconds. */
  provideSlowly(milliseconds: number): void;
  /** Puts another release in place of the one that runs, which goes on for up to a minute. */
  deploy(): void;
  /** True while the next release is the one that is deployed. */
  isNext(): boolean;
  /** Stores another credential for a profile, and ends the one before a little later. */
  rotate(what: string): void;
  readonly calls: readonly ProviderCall[];
  /** Secrets that were seen where none may be. */
  readonly spills: readonly string[];
  readonly signingSecret: () => string;
}

export const START = Date.parse('2026-11-26T10:00:00.000Z');
/** After this nothing goes wrong by chance. */
export const CALM = START + 45 * 60_000;

const fingerprintKey = 'fingerprint-key-of-the-simulated-world-0123456789';
const partner = (() => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return {
    pem,
    id: createHash('sha256').update(pem).digest('hex'),
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
})();
const webhook = () => `whsec_${randomBytes(32).toString('base64')}`;
const alertSecrets: AlertSecrets = {
  github: 'github-webhook-secret-0123456789abcdef',
  gitguardian: 'gitguardian-webhook-secret-0123456789',
  gitlab: 'gitlab-webhook-secret-0123456789abcdef',
  trufflehog: webhook(),
  'trufflehog-enterprise': 'trufflehog-enterprise-secret-01234567',
  gitleaks: webhook(),
  generic: webhook(),
  'github-partner': { keyIdentifier: partner.id, privateKeyPem: partner.privateKeyPem },
  sns: { topicArn: POLICY.alerts.snsTopics[0]!, privateKeyPem: '', signingCertUrl: '' },
};

interface StageDeps {
  readonly story: Story;
  readonly chance: Chance;
  readonly wrap: Wrap;
  readonly onSaid: (stage: Stage, message: SimMessage, version: Version) => void;
  readonly write?: ((line: string) => void) | undefined;
}

/** Builds the stage of one history. */
export function createStage({ story, chance, wrap, onSaid, write }: StageDeps): Stage {
  const faults = createFaultProfile({ chance, rates: story.rates, calmFrom: CALM, only: story.only });
  const world = createWorld({ chance, faults, startAt: START, write });
  const cast = createCast(chance, START - 200 * 86_400_000);
  const ledger = createLedger(world, [...cast.tokens, ...Object.values(cast.own)]);
  const calls: ProviderCall[] = [];
  const spills: string[] = [];
  // More of a secret than any clue keeps.
  const traces = cast.tokens.map(({ name, secret }) => ({ name, piece: secret.slice(18, 42) }));
  const look = (text: string, where: string): void => {
    for (const { name, piece } of traces) if (text.includes(piece)) spills.push(`the secret of ${name} in ${where}`);
  };
  let delayMs = 0;
  const vault = createVault(world);
  const accepted = new Map<string, { readonly profile: string; readonly until: number }>();
  const secretsOf = { signing: 'slack-signing-secret-0123456789', bot: 'xoxb-simulated-1', rotations: 0 };
  const putSlack = () => {
    vault.put(SLACK_SECRETS.signing, JSON.stringify({ signingSecret: secretsOf.signing }));
    vault.put(SLACK_SECRETS.bot, JSON.stringify({ botToken: secretsOf.bot }));
  };

  const isOutside = chance.draw('the bot is in the channel') < 0.5 && faults.strikes('the bot is not in the channel');
  const slack: SimSlack = createSlack({
    world,
    token: secretsOf.bot,
    outside: new Set(isOutside ? [GENERAL] : []),
    look,
    onSaid: (message, version) => onSaid(stage, message, version),
  });
  const github = createGithub('github-token', look);
  const isAccepted = (secret: string) => (accepted.get(secret)?.until ?? 0) > world.now();
  /** The token whose secret this is, while it works: whoever has the secret may use it. */
  const leakedAs = (secret: string) =>
    cast.tokens.find((token) => token.secret === secret && ledger.stateOf(token) === 'active');
  const onCall = (call: Pick<ProviderCall, 'provider' | 'sentAt' | 'isChange'> & { readonly isChallenge?: boolean }) =>
    void calls.push({
      ...{ at: world.now(), job: world.job(), turn: world.turn(), leasedAt: table.leasedAt() },
      ...{ isChallenge: false, ...call },
    });
  const table = createTable(world, (row) => look(JSON.stringify(row), 'the table'));
  const fetch = createNetwork(world, faults, {
    ...slack.sites,
    'api.github.com': github.site,
    'langsmith.sim': createLangsmith({
      world,
      ledger,
      accepts: (secret) => isAccepted(secret) || leakedAs(secret) !== undefined,
      holderOf: leakedAs,
      delayMs: () => delayMs,
      onCall,
    }),
    'dfns.sim': createDfns({
      world,
      ledger,
      callerOf: (authorization) => {
        const secret = authorization.replace('Bearer ', '');
        const profile = isAccepted(secret) ? accepted.get(secret)?.profile : undefined;
        if (profile !== undefined) return { profile, owner: cast.own[profile]!.owner };
        const leaked = leakedAs(secret);
        return leaked && { profile: leaked.profiles[0]!, owner: leaked.owner };
      },
      holderOf: leakedAs,
      delayMs: () => delayMs,
      onCall,
    }),
  });
  const watched = new Map<string, Clue>();
  const fingerprint = (text: string) => hmacSha256(fingerprintKey, text).toString('hex');
  const queues = {} as { commands: SimQueue; leaks: SimQueue };
  const call = createSqsCall(world, {
    get [QUEUES.commands]() {
      return queues.commands;
    },
    get [QUEUES.leaks]() {
      return queues.leaks;
    },
    get [DEAD_QUEUES.commands]() {
      return queues.commands;
    },
    get [DEAD_QUEUES.leaks]() {
      return queues.leaks;
    },
  });
  const rim: Rim = {
    policy: POLICY,
    now: world.clock,
    sleep: world.sleep,
    random: () => chance.draw('jitter'),
    newId: () => chance.id('id'),
    every: (milliseconds, run) => {
      let callOff = () => {};
      const again = () => {
        callOff = world.later(milliseconds, () => {
          again();
          run();
        });
      };
      again();
      return () => callOff();
    },
    fetch,
    client: table.client,
    call,
    fetchSecret: vault.fetchSecret,
    fingerprint,
    watched: async (clue) => (clue.form === 'hashed' && clue.hmsl !== undefined ? watched.get(clue.hmsl) : undefined),
    checkValidity: createCheckValidity({
      issuers: issuersOf(POLICY),
      get: fetch,
      fingerprint,
      now: world.clock,
      budgetMs: 800,
    }),
    maxReceives: story.maxReceives,
    log: (line) => {
      if (line.includes('share of its limit is used up')) world.occur('searches have used up their share of a limit');
      look(line, 'the log');
      world.trace(line);
    },
  };
  // A deploy brings the next release, and another one takes it back.
  let isNext = false;
  const rimOf = () => (isNext ? asNextRelease(rim) : asThisRelease(rim, world));
  const queue = (name: 'commands' | 'leaks', batchSize: number) =>
    createQueue({
      world,
      name,
      batchSize,
      containers: 3,
      maxReceives: story.maxReceives,
      start: () => {
        const worker = (name === 'commands' ? startCommandsWorker : startLeaksWorker)(world, rimOf(), wrap);
        const handler = isNext ? asNextWorker(worker, world.clock) : toldOfUnknown(worker, world);
        return wrap.handler?.(handler) ?? handler;
      },
      look,
      calmFrom: CALM,
      strikes: faults.strikes,
    });
  queues.commands = queue('commands', 1);
  queues.leaks = queue('leaks', 5);
  const edges = createEdges({ world, rim: () => wrap.rim?.(rimOf(), world) ?? rimOf(), slack, partner });

  for (const [name, secret] of Object.entries(alertSecrets)) {
    if (typeof secret === 'string') vault.put(`alerts/${name}`, secret);
  }
  vault.put('github', 'github-token');
  putSlack();
  slack.groups.set(ONCALL_GROUP, [PEOPLE.oncall]);
  for (const [profile, token] of Object.entries(cast.own)) {
    accepted.set(token.secret, { profile, until: Number.POSITIVE_INFINITY });
    vault.put(`profiles/${profile}`, JSON.stringify(credentialOf(token)));
  }
  const rotate = (what: string): void => {
    secretsOf.rotations += 1;
    if (what === 'slack') {
      secretsOf.signing = `slack-signing-secret-${secretsOf.rotations}-0123456789`;
      secretsOf.bot = `xoxb-simulated-${secretsOf.rotations + 1}`;
      slack.token = secretsOf.bot;
      putSlack();
      return;
    }
    const token = cast.own[what]!;
    const old = [...accepted].find(
      ([, { profile, until }]) => profile === what && until === Number.POSITIVE_INFINITY,
    )![0];
    // Another text of the same token: enough to be another credential.
    const secret = `${old.slice(0, -4)}${String(secretsOf.rotations).padStart(4, '0')}`;
    accepted.set(old, { profile: what, until: world.now() + 60_000 });
    accepted.set(secret, { profile: what, until: Number.POSITIVE_INFINITY });
    token.secret = secret;
    vault.put(`profiles/${what}`, JSON.stringify(credentialOf(token)));
  };
  const stage: Stage = {
    world,
    faults,
    cast,
    ledger,
    slack,
    github,
    table,
    queues,
    edges,
    vault,
    alertSecrets,
    watched,
    rim,
    wrap,
    provideSlowly: (milliseconds) => {
      delayMs = milliseconds;
    },
    isNext: () => isNext,
    deploy: () => {
      isNext = !isNext;
      for (const part of [edges, queues.commands, queues.leaks]) part.deploy();
    },
    rotate,
    calls,
    spills,
    signingSecret: () => secretsOf.signing,
  };
  return stage;
}
