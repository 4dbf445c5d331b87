import * as z from 'zod';
import { createGithubAnswerer } from '#shared/alerts/github-answerer.ts';
import { createAnswerBack } from '#shared/cases/answer-back.ts';
import { createGithubRest, type GithubRest } from '#shared/alerts/github-rest.ts';
import { createPlanNext } from '#shared/cases/plan-next.ts';
import { createReadAgain, type ReadAgain } from '#shared/cases/read-again.ts';
import { createWake, type Wake } from '#shared/cases/wake.ts';
import { createRollUps } from '#shared/cases/roll-ups.ts';
import { createShowCase, type ShowCase } from '#shared/cases/show-case.ts';
import { parseEnv } from '#shared/core/parse-env.ts';
import { Fault } from '#shared/core/fault.ts';
import { createHttp } from '#shared/core/http.ts';
import { Secret } from '#shared/core/secret.ts';
import { parseStoredJson, unquoted } from '#shared/core/parse-stored-json.ts';
import { faultFields, levelOf } from '#shared/telemetry/log.ts';
import { createCallSomebody } from '#shared/slack/call-somebody.ts';
import { createCaseMessenger } from '#shared/slack/case-messenger.ts';
import type { SlackWorkerServices } from './slack-worker-services.ts';

const Env = z.object({ GITHUB_API_URL: z.url().default('https://api.github.com') });

export interface Cases {
  readonly github: GithubRest;
  /** Brings a case's card up to date. */
  readonly show: ShowCase;
  /** Answers the alerts of a case whose token is dead. */
  readonly answerBack: ReturnType<typeof createAnswerBack>;
  /** Calls somebody to a case that nobody has taken. */
  readonly wake: Wake;
  /** Plans the next look at a dead token. */
  readonly planLook: ReadAgain['plan'];
  /** Sends the look that follows a kill, while that is made. */
  readonly beginLook: ReadAgain['begin'];
  /** Does a look that was planned. */
  readonly readAgain: ReadAgain['read'];
}

/** Builds what keeps cards and alerts equal to their cases, for the two workers that change cases. */
export function createCases(worker: SlackWorkerServices): Cases {
  const { services, reply, secrets, secretName, fingerprint, now, sleep } = worker;
  const env = parseEnv(Env, process.env);
  const { store } = services;
  const rest = createGithubRest({
    http: createHttp({ fetch: globalThis.fetch, now, sleep, random: Math.random }),
    baseUrl: env.GITHUB_API_URL,
    readToken: async () => parseGithubToken((await secrets.read(secretName('github'))).current),
    repositories: services.policy.alerts.repositories,
  });
  const github = watchGithub(rest, worker);
  const wake = createWake({
    store,
    now,
    minutes: services.policy.alerts.remindMinutes,
    send: worker.sendLeaksLater,
    say: createCallSomebody({ services, reply }),
  });
  const messenger = createCaseMessenger({ services, reply });
  const rollUps = createRollUps({ ...services, ...messenger, flood: services.policy.alerts.flood });
  const plan = createPlanNext({ wake, searchAgain: worker.searchAgain });
  const show = createShowCase({ store, now, plan, rollUps, ...messenger });
  const answerers = { github: createGithubAnswerer(github, fingerprint) };
  const answerBack = createAnswerBack({ store, now, answerers });
  const { plan: planLook, begin, read } = createReadAgain({ services, send: worker.sendLeaksLater, show, answerBack });
  return {
    github,
    wake,
    show,
    planLook,
    beginLook: begin,
    readAgain: read,
    answerBack,
  };
}

/** Tells of each call whether GitHub answered; results and faults stay as they are. */
function watchGithub(rest: GithubRest, { searchAgain, log }: SlackWorkerServices): GithubRest {
  const watched = async <T>(call: () => Promise<T>): Promise<T> => {
    try {
      const value = await call();
      // What waits for GitHub is searched by its own plan as well.
      await searchAgain.answered('GitHub').catch(() => undefined);
      return value;
    } catch (error) {
      log(levelOf(error, false), { event: 'github_failed', ...faultFields(error) });
      throw error;
    }
  };
  return {
    ...rest,
    fetchAlert: (ref) => watched(() => rest.fetchAlert(ref)),
    listOpenAlerts: (scope) => watched(() => rest.listOpenAlerts(scope)),
    closeAlert: (ref, comment) => watched(() => rest.closeAlert(ref, comment)),
  };
}

const tokenSchema = z.object({ token: z.string().transform(unquoted).pipe(z.string().min(1)) });

/** Reads GitHub's token out of its secret. Throws `config_invalid`, which names the field and no value. */
function parseGithubToken(secret: Secret): Secret {
  const parsed = tokenSchema.safeParse(parseStoredJson(secret.expose()));
  if (!parsed.success) throw new Fault('config_invalid', 'secret github: "token" missing or malformed');
  return new Secret(parsed.data.token);
}
