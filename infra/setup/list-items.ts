import type { Policy } from '#shared/policy/policy.ts';
import { createAlertItem, sourcesWithSecret } from './alert-item.ts';
import { createGithubItem } from './github-item.ts';
import type { Item } from './item.ts';
import { createProfileItem } from './profile-item.ts';
import { createSlackItem } from './slack-item.ts';

interface ItemsOptions {
  readonly policy: Policy;
  readonly stage: string;
  readonly region: string;
  /** Where Slack and GitHub are; other than the public ones for GitHub Enterprise, and for the tests. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Lists the secrets that this stage's policy asks for, in the order in which they are set up. */
export function listItems({ policy, stage, region, environment }: ItemsOptions): readonly Item[] {
  return [
    createSlackItem({ policy, apiUrl: environment['SLACK_API_URL'] ?? 'https://slack.com/api/' }),
    ...Object.entries(policy.profiles).map(([profile, { provider, issuer }]) =>
      createProfileItem({ profile, provider, issuer, validityCheck: policy.alerts.validityCheck }),
    ),
    ...(policy.alerts.sources.includes('github')
      ? [createGithubItem(environment['GITHUB_API_URL'] ?? 'https://api.github.com')]
      : []),
    ...sourcesWithSecret(policy.alerts.sources).map((source) => createAlertItem({ source, stage, region })),
  ];
}
