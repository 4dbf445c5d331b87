import type { Policy } from '#shared/policy/policy.ts';
import { type Queues, startQueues } from './aws/queues.ts';
import { startTable, type Table } from './aws/table.ts';
import { type GithubStandIn, startGithub } from './github/github.ts';
import type { StandIn } from './kit/stand-in.ts';
import type { Deployment } from './lambda/deployment.ts';
import { type ProviderStandIns, startProviders } from './providers/start-providers.ts';
import { type SecretsManagerStandIn, startSecretsManager } from './secrets/secrets-manager.ts';
import { type SlackStandIn, startSlack } from './slack/slack.ts';
import { type SnsStandIn, startSns } from './sns/sns.ts';

/** Everything around the functions, at work. */
export interface Surroundings {
  readonly providers: ProviderStandIns;
  readonly github: GithubStandIn;
  readonly slack: SlackStandIn;
  readonly sns: SnsStandIn;
  readonly secrets: SecretsManagerStandIn;
  readonly queues: Queues;
  readonly table: Table;
}

interface SurroundingsOptions {
  readonly policy: Policy;
  readonly rttMs: number;
  readonly slackPosts: number;
  readonly deployment: Deployment;
  readonly githubToken: string;
  /** Is given how to stop each part. */
  readonly onStarted: (close: () => unknown) => void;
}

/** Starts Slack, the providers, GitHub, SNS, secrets, queues and table. What has started when one fails was told. */
export async function startSurroundings(options: SurroundingsOptions): Promise<Surroundings> {
  const { policy, rttMs: rtt, slackPosts, deployment, githubToken } = options;
  const [providers, github, slack, sns, secrets, queues, table] = await Promise.all([
    startProviders(policy, rtt),
    startGithub({ rtt, token: githubToken }),
    startSlack({ rtt, ...(slackPosts > 0 && { postsPerMinute: slackPosts }) }),
    startSns(),
    startSecretsManager(),
    startQueues(deployment.queues),
    startTable(deployment.table),
  ]);
  const surroundings = { providers, github, slack, sns, secrets, queues, table };
  for (const part of [...standInsOf(surroundings), queues, table]) options.onStarted(() => part.close());
  return surroundings;
}

/** Those that have a state of their own to go back to. */
export const standInsOf = ({ providers, github, slack, sns, secrets }: Surroundings): readonly StandIn[] => [
  ...Object.values(providers),
  github,
  slack,
  sns,
  secrets,
];
