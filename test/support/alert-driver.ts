import { randomUUID, sign } from 'node:crypto';
import type { Leak, SendOptions, SignedAlert } from '#infra/sandbox/senders/sender.ts';
import { signAlert } from '#infra/sandbox/senders/alert-senders.ts';
import { signStandardWebhook } from '#infra/sandbox/senders/standard-webhook.ts';
import type { GithubAlertState } from '#infra/sandbox/github/github-alert.ts';
import type { SlackMessage } from '#infra/sandbox/slack/workspace.ts';
import type { StandInToken } from '#infra/sandbox/kit/stand-in.ts';
import type { TestSandbox } from './sandbox.ts';
import { createTalk, type Talk, wordsOf } from './slack-talk.ts';

type Json = Readonly<Record<string, any>>;
type Provider = 'dfns' | 'langsmith';

export interface Answered {
  readonly status: number;
  readonly body: string;
}

/** Scanners reporting to a running sandbox, and what people then read in the security channel. */
export interface AlertDriver extends Talk {
  /** Mints a token that no other was created in the same minutes with, so that a leak of it can mean only it. */
  issue(provider: Provider, name: string, more?: Json): Promise<StandInToken>;
  /** The leak of a token, as a scanner finds it. */
  leakOf(token: StandInToken, more?: Partial<Leak>): Leak;
  /** Builds the alert that a sender would send; for GitHub with a number that no other alert has. */
  sign(sender: string, leak: Leak, options?: SendOptions): SignedAlert;
  /** Sends an alert as it is; GitHub's own side of it is set up first. */
  deliver(alert: SignedAlert): Promise<Answered>;
  /** Sends the genuine alert of a sender for a token. */
  report(sender: string, token: StandInToken, options?: SendOptions): Promise<Answered>;
  /** Reports findings, in our own form if nothing else is said, and waits until nothing is left to do. */
  tell(findings: readonly object[], source?: 'generic' | 'gitleaks' | 'trufflehog'): Promise<void>;
  /** Brings a token of LangSmith's back there, as somebody does who has another key of the same person. */
  reinstate(token: StandInToken): Promise<void>;
  /** Signs a body of one's own as a Standard Webhooks sender would. */
  signWebhook(
    source: 'trufflehog' | 'gitleaks' | 'generic',
    body: string,
    id?: string,
    at?: Date,
    secret?: string,
  ): SignedAlert;
  /** Signs a body of one's own as GitHub's partner programme would. */
  signPartner(body: string): SignedAlert;
  /** Invokes alert-edge with exactly this event. */
  invoke(event: unknown): Promise<any>;
  /** Every card in the security channel, or those that speak of one thing. */
  cards(of?: string): Promise<readonly SlackMessage[]>;
  /** Waits until the one card of a token, by its name, reads so. */
  card(name: string, pattern: RegExp, timeoutMs?: number): Promise<SlackMessage>;
  /** What was said in a card's thread. */
  thread(card: SlackMessage): Promise<readonly SlackMessage[]>;
  /** Waits until no queue holds anything, and nothing is being worked on. */
  quiet(timeoutMs?: number): Promise<void>;
  /** Messages that have been given up. */
  dead(): Promise<number>;
  /** Everything ever sent to the leaks queue. */
  queued(): Promise<number>;
  githubAlerts(): Promise<readonly GithubAlertState[]>;
  /** The stand-ins' tokens. */
  tokens(): Promise<readonly StandInToken[]>;
}

let numbers = 0;
let minutes = 0;
/** Long before the tokens that are minted without a date, and between two of those that the stand-in begins with. */
const BEGAN = Date.now() - 500 * 86_400_000;

/** Creates the driver of a sandbox. */
export function createAlertDriver(sandbox: TestSandbox): AlertDriver {
  const { ready } = sandbox;
  const talk = createTalk(sandbox);
  const pending = async () => (await sandbox.get<{ readonly pending: number }>('queues')).pending;

  const driver: AlertDriver = {
    ...talk,
    issue: (provider, name, more = {}) => {
      const createdAt = new Date(BEGAN + (minutes += 5) * 60_000).toISOString();
      return sandbox.post('tokens', { provider, profile: `${provider}-demo`, name, createdAt, ...more });
    },
    leakOf: ({ secret, provider, kind }, more = {}) => ({
      secret,
      provider: provider as Provider,
      ...(kind === undefined ? {} : { kind }),
      ...more,
    }),
    sign: (sender, leak, options = {}) =>
      signAlert(sender, leak, ready.alerts.secrets, { number: (numbers += 1), ...options }),
    deliver: async ({ path, headers, body, github }) => {
      if (github !== undefined) await sandbox.post('github/alerts', github);
      const url = `${ready.alerts.endpoint.replace(/\/alerts$/, '')}${path}`;
      const response = await fetch(url, { method: 'POST', headers, body });
      return { status: response.status, body: await response.text() };
    },
    report: (sender, token, options) => driver.deliver(driver.sign(sender, driver.leakOf(token), options)),
    tell: async (findings, source = 'generic') => {
      const body =
        source === 'trufflehog' ? findings.map((one) => JSON.stringify(one)).join('\n') : JSON.stringify(findings);
      const { status } = await driver.deliver(driver.signWebhook(source, body));
      if (status !== 202) throw new Error(`${source} was answered with ${status}`);
      await driver.quiet();
    },
    reinstate: async ({ id, owner }) => {
      const { secret } = await driver.issue('langsmith', `another key of ${owner}`, { owner });
      const url = `${ready.providers.langsmith}/api/v1/orgs/current/personal-access-tokens/${id}/revocation`;
      const { status } = await fetch(url, { method: 'DELETE', headers: { 'x-api-key': secret } });
      if (status !== 204) throw new Error(`LangSmith answered ${status}`);
    },
    signWebhook: (source, body, id = randomUUID(), at = new Date(), secret = ready.alerts.secrets[source]) => ({
      path: `/alerts/${source}`,
      headers: {
        'content-type': 'application/json',
        ...signStandardWebhook(secret, Buffer.from(body), { id, at }),
      },
      body,
    }),
    signPartner: (body) => {
      const { keyIdentifier, privateKeyPem } = ready.alerts.secrets['github-partner'];
      return {
        path: '/alerts/github-partner',
        headers: {
          'content-type': 'application/json',
          'github-public-key-identifier': keyIdentifier,
          'github-public-key-signature': sign('sha256', Buffer.from(body), privateKeyPem).toString('base64'),
        },
        body,
      };
    },
    invoke: (event) => sandbox.post('invoke/alert-edge', event),
    cards: async (of = '') =>
      (await sandbox.messages()).filter(
        (message) =>
          message.channel === ready.slack.channels.security &&
          message.threadTs === undefined &&
          /^Case /m.test(wordsOf(message)) &&
          wordsOf(message).includes(of),
      ),
    card: (name, pattern, timeoutMs = 30_000) =>
      sandbox.until(
        `the card of ${name} to read ${pattern}`,
        async () => (await driver.cards(name)).find((card) => pattern.test(wordsOf(card))),
        timeoutMs,
      ),
    thread: async ({ ts }) => (await sandbox.messages()).filter(({ threadTs }) => threadTs === ts),
    quiet: async (timeoutMs = 60_000) => {
      await sandbox.until('the queues to be empty', async () => (await pending()) === 0, timeoutMs);
    },
    dead: async () => (await sandbox.history()).filter(({ deadLettered }) => deadLettered).length,
    queued: async () => (await sandbox.history()).filter(({ queue }) => queue.endsWith('-leaks')).length,
    githubAlerts: () => sandbox.get('github/alerts'),
    tokens: sandbox.tokens,
  };
  return driver;
}
