import { randomBytes } from 'node:crypto';
import { SLACK_SECRETS } from '#shared/slack/slack-secret.ts';
import { SENDER_SETUPS } from '#shared/alerts/sender-setups.ts';
import { STAGE } from '../lambda/deployment.ts';
import type { AlertSecrets } from '../senders/sender.ts';
import type { SecretsManagerStandIn } from './secrets-manager.ts';
import type { StandInToken } from '../kit/stand-in.ts';

const PREFIX = `patrol/${STAGE}`;

/** The secrets that the two sides share, made anew for each run. */
export interface SharedSecrets {
  readonly signingSecret: string;
  readonly fingerprintKey: string;
  readonly githubToken: string;
  /** By alert source. */
  readonly alerts: Omit<AlertSecrets, 'github-partner' | 'sns'>;
}

/** The JSON of each profile's credential, by profile. */
export type ProfileSecrets = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Makes new ones. */
export function makeSharedSecrets(): SharedSecrets {
  return {
    signingSecret: randomBytes(16).toString('hex'),
    fingerprintKey: randomBytes(32).toString('hex'),
    githubToken: `github_pat_${randomBytes(20).toString('hex')}`,
    alerts: Object.fromEntries(
      [...SENDER_SETUPS].map(([name, setup]) => [
        name,
        setup.form === 'webhook'
          ? `whsec_${randomBytes(24).toString('base64')}`
          : randomBytes(24).toString('base64url'),
      ]),
    ) as unknown as SharedSecrets['alerts'],
  };
}

interface Seeds {
  readonly shared: SharedSecrets;
  readonly botToken: string;
  readonly profiles: ProfileSecrets;
  /** Tokens whose secrets the owner has marked for watching. */
  readonly watched: readonly StandInToken[];
}

/** Where each secret is kept, by what it is for. */
export interface SecretNames {
  readonly slack: string;
  readonly slackBot: string;
  readonly fingerprint: string;
  readonly github: string;
  readonly alerts: Readonly<Record<string, string>>;
  readonly profiles: Readonly<Record<string, string>>;
}

/** Fills Secrets Manager as `npm run setup` fills the real one, and makes this its initial state. */
export function seedSecrets(secrets: SecretsManagerStandIn, seeds: Seeds): SecretNames {
  const { shared, botToken, profiles, watched } = seeds;
  const put = (suffix: string, value: object | string): string => {
    const name = `${PREFIX}/${suffix}`;
    secrets.put(name, typeof value === 'string' ? value : JSON.stringify(value));
    return name;
  };
  const names = {
    slack: put(SLACK_SECRETS.signing, { signingSecret: shared.signingSecret }),
    slackBot: put(SLACK_SECRETS.bot, { botToken }),
    fingerprint: put('fingerprint', { key: shared.fingerprintKey }),
    github: put('github', { token: shared.githubToken }),
    alerts: mapValues(shared.alerts as unknown as Readonly<Record<string, string>>, (value, source) =>
      put(`alerts/${source}`, value),
    ),
    profiles: mapValues(profiles, (value, profile) => put(`profiles/${profile}`, value)),
  };
  for (const { name, provider, profile, secret } of watched) {
    secrets.put(`apps/${name}/${provider}`, JSON.stringify({ provider, profile, secret }), { 'patrol:watch': 'true' });
  }
  secrets.keep();
  return names;
}

function mapValues<V>(
  record: Readonly<Record<string, V>>,
  change: (value: V, key: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}
