import * as z from 'zod';
import { createGithubAnswerer } from '#shared/alerts/github-answerer.ts';
import { createAnswerBack } from '#shared/cases/answer-back.ts';
import { createGithubRest, type GithubRest } from '#shared/alerts/github-rest.ts';
import { createShowCase, type ShowCase } from '#shared/cases/show-case.ts';
import { parseEnv } from '#shared/core/env.ts';
import { Fault } from '#shared/core/fault.ts';
import { createHttp } from '#shared/core/http.ts';
import { Secret } from '#shared/core/secret.ts';
import { tryParseJson } from '#shared/core/try-parse-json.ts';
import { createCaseVoice } from '#shared/slack/case-voice.ts';
import type { SlackWorker } from './slack-worker-services.ts';

const Env = z.object({ GITHUB_API_URL: z.url().default('https://api.github.com') });

export interface Cases {
  readonly github: GithubRest;
  /** Brings a case's card up to date. */
  readonly show: ShowCase;
  /** Answers the alerts of a case whose token is dead. */
  readonly answerBack: (caseId: string) => Promise<void>;
}

/** Builds what keeps cards and alerts equal to their cases, for the two workers that change cases. */
export function createCases({ services, reply, secrets, secretName, fingerprint, now, sleep }: SlackWorker): Cases {
  const env = parseEnv(Env, process.env);
  const { store } = services;
  const github = createGithubRest({
    http: createHttp({ fetch: globalThis.fetch, now, sleep, random: Math.random }),
    baseUrl: env.GITHUB_API_URL,
    readToken: async () => parseGithubToken((await secrets.read(secretName('github'))).current),
    repositories: services.policy.alerts.repositories,
  });
  return {
    github,
    show: createShowCase({ store, now, ...createCaseVoice({ services, reply }) }),
    answerBack: createAnswerBack({ store, now, answerers: { github: createGithubAnswerer(github, fingerprint) } }),
  };
}

const tokenSchema = z.object({ token: z.string().min(1) });

/** Reads GitHub's token out of its secret. Throws `config_invalid`, which names the field and no value. */
function parseGithubToken(secret: Secret): Secret {
  const parsed = tokenSchema.safeParse(tryParseJson(secret.expose()));
  if (!parsed.success) throw new Fault('config_invalid', 'secret github: "token" missing or malformed');
  return new Secret(parsed.data.token);
}
