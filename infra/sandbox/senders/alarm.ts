import { defined } from '#shared/core/defined.ts';
import { PROVIDER_NAMES } from '#shared/core/vocabulary.ts';
import type { Cloud } from '../lambda/cloud.ts';
import { ALERT_SENDERS, signAlert } from './alert-senders.ts';
import { type AlertSecrets, type Leak } from './sender.ts';
import { eventBridgeEvent } from './eventbridge-event.ts';
import type { GithubStandIn } from '../github/github.ts';
import type { ProviderStandIns } from '../providers/start-providers.ts';

interface AlarmParts {
  readonly providers: ProviderStandIns;
  readonly github: GithubStandIn;
  readonly cloud: Cloud;
  readonly secrets: AlertSecrets;
  /** Where the alert endpoints are. */
  readonly url: string;
  readonly now: () => Date;
}

/** How Patrol took an alert. */
export interface Alarmed {
  readonly source: string;
  readonly status: number;
  readonly milliseconds: number;
  readonly body: string;
}

/** Numbers of the alerts that we make, out of the way of those that a script sets up. */
const FIRST_GITHUB_NUMBER = 1001;

/** Every way in which a leak can be reported: over HTTP by each sender, and through EventBridge. */
export const LEAK_SOURCES = [...ALERT_SENDERS, 'eventbridge'] as const;

/** Returns what finds a token's secret somewhere and reports it as the given scanner would, genuinely signed. */
export function createAlarm({ providers, github, cloud, secrets, url, now }: AlarmParts) {
  let githubNumber = FIRST_GITHUB_NUMBER - 1;

  return async (tokenId: string, source: string): Promise<Alarmed> => {
    const name = LEAK_SOURCES.find((each) => each === source);
    if (name === undefined)
      throw new Error(`There is no alert source ${source}; there are ${LEAK_SOURCES.join(', ')}.`);
    const leak = find(tokenId);
    const startedAt = performance.now();
    const { status, body } = name === 'eventbridge' ? await byEvent(leak) : await byHttp(name, leak);
    return { source, status, milliseconds: Math.round(performance.now() - startedAt), body };
  };

  function find(tokenId: string): Leak {
    for (const provider of PROVIDER_NAMES) {
      const token = providers[provider].tokens().find(({ id }) => id === tokenId);
      if (token !== undefined)
        return {
          secret: token.secret,
          provider,
          ...defined({ kind: token.kind }),
          publiclyLeaked: true,
        };
    }
    throw new Error(`There is no token ${tokenId}.`);
  }

  async function byHttp(sender: string, leak: Leak): Promise<{ status: number; body: string }> {
    const alert = signAlert(sender, leak, secrets, { at: now(), number: (githubNumber += 1) });
    if (alert.github !== undefined) github.setAlert(alert.github);
    const response = await fetch(`${url}${alert.path}`, { method: 'POST', headers: alert.headers, body: alert.body });
    return { status: response.status, body: await response.text() };
  }

  async function byEvent(leak: Leak): Promise<{ status: number; body: string }> {
    const { ok, payload } = await cloud.fleets
      .get('alert-edge')!
      .invoke(JSON.stringify(eventBridgeEvent(leak, { at: now() })));
    return { status: ok ? 200 : 500, body: payload };
  }
}
