import { webApi } from '@slack/bolt';
import { defined } from '#shared/core/defined.ts';
import * as z from 'zod';
import { parseEnv } from '#shared/core/parse-env.ts';
import { createBotFetch } from '#shared/slack/bot-fetch.ts';
import { createSlackCheck } from '#shared/slack/slack-check.ts';
import { createGroups } from '#shared/slack/groups.ts';
import { createChannels } from '#shared/slack/channels.ts';
import { createPeople } from '#shared/slack/people.ts';
import { createReply, type Reply } from '#shared/slack/reply.ts';
import { type Buttons, createButtons } from '#shared/slack/buttons.ts';
import { parseBotToken, SLACK_SECRETS } from '#shared/slack/slack-secret.ts';
import { SAYING_OPTIONS, WEB_CLIENT_OPTIONS } from '#shared/slack/to-slack-fault.ts';
import { createSearchAgain, type SearchAgain } from '#shared/cases/search-again.ts';
import type { SendLeaksLater } from '#shared/jobs/job.ts';
import { sendJobsLater } from '#shared/jobs/send-jobs.ts';
import { faultFields, levelOf } from '#shared/telemetry/log.ts';
import { watchProviders } from '#shared/tokens/watch-providers.ts';
import type { Services } from '#shared/tokens/services.ts';
import { tellReplies } from './tell-replies.ts';
import { createWorker, type Worker, type WorkerOptions } from './worker.ts';

const Env = z.object({
  SLACK_API_URL: z.url().default('https://slack.com/api/'),
  RESPONSE_URL_ORIGIN: z.url().default('https://hooks.slack.com'),
});

/** What every function that talks in Slack stands on. */
export interface SlackWorkerServices extends Worker {
  readonly services: Services;
  readonly reply: Reply;
  readonly botToken: string;
  /** What tells our own buttons, in their own places, from all others. */
  readonly buttons: Buttons;
  /** What keeps a leak that nobody could look for on its way to a search that works. */
  readonly searchAgain: SearchAgain;
  /** Queues jobs for the leaks' worker, after a delay of at most a quarter of an hour. */
  readonly sendLeaksLater: SendLeaksLater;
}

/** Builds a worker with Slack's client, the groups and the use cases' services. */
export async function createSlackWorkerServices(
  name: string,
  leaksQueueUrl: string,
  options: WorkerOptions = {},
): Promise<SlackWorkerServices> {
  const env = parseEnv(Env, process.env);
  const worker = await createWorker(name, options);
  const { policy, store, log, now, sleep, newId } = worker;
  const sendLeaksLater: SendLeaksLater = (jobs, delaySeconds) =>
    sendJobsLater(worker, { queueUrl: leaksQueueUrl, delaySeconds }, jobs);
  const searchAgain = createSearchAgain({ store, now, send: sendLeaksLater });
  const providers = watched(worker, searchAgain);
  const botTokenOf = async (how: 'read' | 'refresh') =>
    parseBotToken(await worker.secrets[how](worker.secretName(SLACK_SECRETS.bot)));
  const botToken = (await botTokenOf('read')).expose();
  const fetch = createBotFetch({
    fetch: globalThis.fetch,
    read: () => botTokenOf('read'),
    refresh: () => botTokenOf('refresh'),
  });
  const slackApiUrl = env.SLACK_API_URL;
  const client = new webApi.WebClient(botToken, { ...WEB_CLIENT_OPTIONS, slackApiUrl, fetch });
  const sayingClient = new webApi.WebClient(botToken, { ...SAYING_OPTIONS, slackApiUrl, fetch });
  const groupIds = [...new Set(Object.values(policy.roles).flatMap(({ groups }) => groups))];
  const groups = createGroups({ client, groupIds, teamIds: policy.teams, now, sleep });
  const slackCheck = createSlackCheck({ client, policy, notes: store.notes, groups });
  const buttons = createButtons({ keys: worker.buttonKeys, notes: store.notes, newId });
  const { RESPONSE_URL_ORIGIN: responseUrlOrigin } = env;
  const reply = createReply({ client: sayingClient, responseUrlOrigin, buttons, fetch: globalThis.fetch, now, sleep });
  return {
    ...worker,
    providers,
    searchAgain,
    sendLeaksLater,
    services: {
      policy,
      store,
      providers,
      groups,
      people: createPeople({ client, now }),
      channels: createChannels({ client, now }),
      slackCheck,
      sendLater: sendLeaksLater,
      version: worker.env.PATROL_VERSION,
      now,
      sleep,
      newId,
    },
    reply: tellReplies(reply, log),
    buttons,
    botToken,
  };
}

/** Writes a line for each profile that fails, and has leaks that wait for a profile searched again when it answers. */
function watched({ providers, log }: Worker, { answered }: SearchAgain): Services['providers'] {
  const failed = (profile: string, error: unknown) => {
    const provider = providers.kindOf(profile);
    log(levelOf(error, false), { event: 'profile_failed', profile, ...defined({ provider }), ...faultFields(error) });
  };
  return watchProviders(providers, { answered, failed });
}
