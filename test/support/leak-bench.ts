import { findOnce } from '#shared/providers/find-once.ts';
import type { LeakJob, ReportJob } from '#shared/jobs/job.ts';
import { type GithubStandIn, startGithub } from '#infra/sandbox/github/github.ts';
import { createGithubAnswerer } from '#shared/alerts/github-answerer.ts';
import { createAnswerBack } from '#shared/cases/answer-back.ts';
import { createGithubRest } from '#shared/alerts/github-rest.ts';
import { createHandleLeak, type HandledLeak } from '#shared/alerts/handle-leak.ts';
import { sealDelivery, textsOf } from '#shared/alerts/seal-delivery.ts';
import type { ValidityAnswer } from '#shared/alerts/check-validity.ts';
import { acceptAll } from './alerts.ts';
import { createSearchAgain, type SearchAgain } from '#shared/cases/search-again.ts';
import type { HeldCases } from '#shared/cases/held-cases.ts';
import { createReadAgain, type ReadAgain } from '#shared/cases/read-again.ts';
import { createRollUps, type RollUp } from '#shared/cases/roll-ups.ts';
import type { KnownCase } from '#shared/cases/follow-cases.ts';
import { createShowCase } from '#shared/cases/show-case.ts';
import type { Finding } from '#shared/alerts/source.ts';
import { createWatched } from '#shared/alerts/watched.ts';
import { Fault } from '#shared/core/fault.ts';
import { createHttp } from '#shared/core/http.ts';
import { Secret } from '#shared/core/secret.ts';
import type { Case } from '#shared/store/store.ts';
import type { Delivery } from '#shared/tokens/delivery.ts';
import type { Services } from '#shared/tokens/services.ts';
import { watchProviders } from '#shared/tokens/watch-providers.ts';
import { type Bench, benchFingerprint, startBench } from './services.ts';

/** What the security channel has shown, in order. */
export interface Channel {
  readonly cards: { readonly ts: string; readonly kase: Case; readonly isEdit: boolean }[];
  readonly lines: { readonly after: Case; readonly before: Case | undefined }[];
  readonly owners: Case[];
  /** The messages that tell many cases together. */
  readonly rollUps: RollUp[];
  /** What was said of the brake of a profile. */
  readonly held: { readonly profile: string; readonly cases: HeldCases }[];
  /** While set, every word to Slack fails or hangs like this. */
  trouble: (() => Promise<never>) | undefined;
  /** The state that each message shows now, by its time stamp. */
  shown(): ReadonlyMap<string, Case['state']>;
}

export interface LeakBench extends Bench {
  readonly github: GithubStandIn;
  readonly channel: Channel;
  /** Jobs that are to search again, with their delay in seconds. */
  readonly planned: { readonly job: LeakJob; readonly delaySeconds: number }[];
  readonly searchAgain: SearchAgain;
  readonly readAgain: ReadAgain;
  /** Secrets that are watched. */
  readonly watched: string[];
  handle(job: LeakJob | undefined, delivery?: Partial<Delivery>, services?: Services): Promise<HandledLeak>;
  /** The jobs that a delivery of these findings becomes. */
  jobs(
    findings: readonly Finding[],
    options?: {
      source?: string;
      delivery?: string;
      isAccepted?: boolean;
      validities?: ReadonlyMap<string, ValidityAnswer>;
    },
  ): readonly ReportJob[];
  /** A token of LangSmith, made five minutes after the one before, so that no time is both's. */
  mint(name: string): ReturnType<Bench['langsmith']['mint']>;
  answerBack(caseId: string, written?: Case): Promise<void>;
  show(caseId: string, known?: KnownCase): Promise<void>;
}

function createChannel(): Channel {
  const cards: Channel['cards'] = [];
  return {
    cards,
    lines: [],
    owners: [],
    rollUps: [],
    held: [],
    trouble: undefined,
    shown: () => new Map(cards.map(({ ts, kase }) => [ts, kase.state])),
  };
}

/** Starts everything that handles leaks, with a channel that only writes down what it is told. */
export async function startLeakBench(options: Parameters<typeof startBench>[0] = {}): Promise<LeakBench> {
  const [bench, github] = await Promise.all([startBench(options), startGithub()]);
  const channel = createChannel();
  const watched: string[] = [];
  const planned: LeakBench['planned'] = [];
  let [posts, minted] = [0, 0];
  const messenger = {
    announce: async (kase: Case) => {
      await channel.trouble?.();
      const message = kase.message ?? { channel: 'C0SECURITY1', ts: `ts-${(posts += 1)}` };
      channel.cards.push({ ts: message.ts, kase, isEdit: kase.message !== undefined });
      return message;
    },
    note: async (after: Case, before: Case | undefined) => {
      await channel.trouble?.();
      channel.lines.push({ after, before });
    },
    tellReporters: async () => {},
    callOwner: async (kase: Case) => {
      await channel.trouble?.();
      if (kase.token?.owner === undefined) return undefined;
      channel.owners.push(kase);
      return { channel: 'D0OWNER0001', ts: `${channel.owners.length}.0` };
    },
    tellOwner: async ({ ownerMessage }: Case) => {
      await channel.trouble?.();
      return ownerMessage;
    },
    findCard: async () => undefined,
    announceHeld: async (profile: string, cases: HeldCases) => {
      await channel.trouble?.();
      channel.held.push({ profile, cases });
      return cases.message ?? { channel: 'C0SECURITY1', ts: `held-${(posts += 1)}` };
    },
  };
  const announceRollUp = async (rollUp: RollUp) => {
    await channel.trouble?.();
    channel.rollUps.push(rollUp);
    return rollUp.message ?? { channel: 'C0SECURITY1', ts: `ts-${(posts += 1)}` };
  };
  const build = (given: Services) => {
    const { store, now, sleep } = given;
    const send = async (jobs: readonly LeakJob[], delaySeconds: number) =>
      void planned.push(...jobs.map((job) => ({ job, delaySeconds })));
    const searchAgain = createSearchAgain({ store, now, send });
    const providers = watchProviders(given.providers, { answered: searchAgain.answered, failed: () => {} });
    const services = { ...given, providers };
    const rest = createGithubRest({
      http: createHttp({ fetch, now, sleep, random: Math.random, limits: { backoffMs: 5, backoffCapMs: 10 } }),
      baseUrl: github.url,
      readToken: async () => new Secret(github.token),
      repositories: services.policy.alerts.repositories,
    });
    const { flood } = services.policy.alerts;
    const rollUps = createRollUps({ store, now, sleep, flood, announceRollUp });
    const show = createShowCase({ store, now, plan: async () => {}, rollUps, ...messenger });
    const answerBack = createAnswerBack({
      store,
      now,
      answerers: { github: createGithubAnswerer(rest, benchFingerprint) },
    });
    const readAgain = createReadAgain({ services, send, show, answerBack });
    const list = async () => ({ secrets: watched.map((text) => new Secret(text)), failures: [] });
    const handle = createHandleLeak({
      services,
      github: rest,
      fingerprint: benchFingerprint,
      watched: createWatched({ list, fingerprint: benchFingerprint, now, coolDownMs: 0 }),
      checkValidity: async (texts) => acceptAll(texts, benchFingerprint),
      show,
      answerBack,
      planLook: readAgain.plan,
      beginLook: readAgain.begin,
      issuerOf: (profile) => bench[profile.startsWith('dfns') ? 'dfns' : 'langsmith'].url,
      planSearch: searchAgain.plan,
      sendLater: send,
    });
    return { searchAgain, readAgain, services, handle, show, answerBack };
  };
  const standard = build(bench.services);
  const built = new Map([[bench.services, standard]]);
  const standing = (services: Services) => {
    const known = built.get(services) ?? build(services);
    built.set(services, known);
    return known;
  };
  return {
    ...bench,
    github,
    services: standard.services,
    channel,
    planned,
    searchAgain: standard.searchAgain,
    readAgain: standard.readAgain,
    watched,
    handle: (job, delivery, services) => {
      if (job?.kind !== 'report') throw new Error('no report to handle');
      return (services === undefined ? standard : standing(services)).handle(job, {
        attempt: 1,
        isLast: false,
        ...delivery,
      });
    },
    jobs: (findings, { source = 'generic', delivery, isAccepted = true, validities } = {}) =>
      sealDelivery({
        source,
        content: Buffer.from(
          JSON.stringify([delivery, findings.map((finding) => finding.secret?.expose() ?? finding)]),
        ),
        findings,
        skipped: 0,
        receivedAt: new Date().toISOString(),
        fingerprint: benchFingerprint,
        find: findOnce(),
        profiles: [],
        validities: validities ?? (isAccepted ? acceptAll(textsOf(findings), benchFingerprint) : new Map()),
      }).jobs.flatMap((job) => (job.kind === 'report' ? [job] : [])),
    mint: (name) => {
      const createdAt = new Date(Date.UTC(2024, 0, 1, 0, 5 * (minted += 1))).toISOString();
      return bench.langsmith.mint({ profile: 'langsmith-demo', name, createdAt });
    },
    show: standard.show,
    answerBack: standard.answerBack,
    close: async () => {
      await Promise.all([bench.close(), github.close()]);
    },
  };
}

/** Slack that does not answer. */
export const slackDown = () => Promise.reject(new Fault('slack_unavailable', 'test: Slack is down'));
