import { receiveAlert } from '#shared/alerts/receive-alert.ts';
import { receiveTrusted } from '#shared/alerts/receive-trusted.ts';
import { createRoutes, findRoute } from '#shared/alerts/routes.ts';
import type { AlertRequest } from '#shared/alerts/source.ts';
import { createKeyring, type Keyring } from '#shared/alerts/verify/keyring.ts';
import { readEnvelope } from '#shared/alerts/envelope.ts';
import { isFault } from '#shared/core/fault.ts';
import { sendJobs } from '#shared/jobs/send-jobs.ts';
import { createSecretReader, type SecretReader } from '#shared/secrets/secret-reader.ts';
import { type Reception, receiveSlackRequest } from '#shared/slack/receive-slack-request.ts';
import { parseBotToken, parseSigningSecrets, SLACK_SECRETS } from '#shared/slack/slack-secret.ts';
import { JOB_KEY, QUEUES, type Rim } from './bot.ts';
import type { SimSlack } from './slack.ts';
import { createProcess, type Process, type World } from './world.ts';

/** What comes in over HTTP. */
export interface Incoming {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The two functions that take what strangers send; each gives the HTTP status, 500 when it died. */
export interface Edges {
  alert(incoming: Incoming): Promise<number>;
  /** What AWS itself hands over; rejects when it shall be delivered again. */
  event(event: unknown): Promise<undefined>;
  /** Gives the view that was opened too, where one was. */
  slack(incoming: Incoming, userId: string): Promise<{ readonly status: number; readonly viewId?: string }>;
  deploy(): void;
}

export interface PartnerKey {
  readonly id: string;
  readonly pem: string;
}

interface EdgesDeps {
  readonly world: World;
  readonly rim: () => Rim;
  readonly slack: SimSlack;
  readonly partner: PartnerKey;
}

interface Edge {
  readonly process: Process;
  readonly rim: Rim;
  readonly secrets: SecretReader;
  readonly keyring: Keyring;
}

const requestOf = ({ path, headers, body }: Incoming, prefix: string): AlertRequest => ({
  subpath: path.slice(prefix.length),
  method: 'POST',
  headers: new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value]])),
  body: Buffer.from(body),
});

/** Starts both edges: what they verify and seal with is the real thing. */
export function createEdges({ world, rim: lend, slack, partner }: EdgesDeps): Edges {
  const edges = new Map<string, Edge>();
  let starts = 0;

  const edgeOf = (name: string): Edge => {
    const known = edges.get(name);
    if (known?.process.alive === true) return known;
    const rim = lend();
    const { fetchSecret, now } = rim;
    const fetchCurrent = async (secret: string) => ({ current: (await fetchSecret(secret)).current });
    const secrets = createSecretReader({ fetchSecret, fetchCurrent, now });
    const names = rim.policy.alerts.sources.filter((one) => !['github-partner', 'sns', 'eventbridge'].includes(one));
    const keyring = createKeyring({
      names,
      read: (source) => secrets.read(`alerts/${source}`),
      refresh: (source) => secrets.refresh(`alerts/${source}`),
      now: rim.now,
    });
    const edge = { process: createProcess(`${name}-${(starts += 1)}`), rim, secrets, keyring };
    edges.set(name, edge);
    return edge;
  };
  /** Does one request in an edge; a request whose edge dies is never answered, and given up. */
  const within = async <T>(name: string, work: (edge: Edge) => Promise<T>, unanswered: () => T): Promise<T> => {
    const edge = edgeOf(name);
    const { onDeath } = edge.process;
    let tell = () => {};
    const died = new Promise<void>((resolve) => {
      tell = resolve;
      onDeath.add(tell);
    }).then(unanswered);
    return Promise.race([world.run(edge.process, () => work(edge)), died]).finally(() => onDeath.delete(tell));
  };
  const receive = async (edge: Edge, incoming: Incoming): Promise<[Reception, string]> => {
    const { now, fingerprint } = edge.rim;
    const request = requestOf(incoming, incoming.path);
    const read = async (how: 'read' | 'refresh') =>
      parseSigningSecrets(await edge.secrets[how](SLACK_SECRETS.signing), now());
    const known = await read('read');
    const deps = () => ({ now: now(), fingerprint });
    const botToken = async () => parseBotToken(await edge.secrets.read(SLACK_SECRETS.bot)).expose();
    try {
      return [receiveSlackRequest(request, known, deps()), await botToken()];
    } catch (error) {
      if (!isFault(error, 'signature_invalid')) throw error;
      const fresh = await read('refresh').catch(() => known);
      return [receiveSlackRequest(request, fresh, deps()), await botToken()];
    }
  };
  const open = (userId: string, view: unknown) =>
    world.effect<string | undefined>({
      neighbour: 'slack',
      name: 'views.open',
      work: () => slack.openView(userId, view as never),
      unanswered: () => undefined,
    });

  return {
    alert: (incoming) =>
      within(
        'alert-edge',
        async ({ rim, keyring }) => {
          const [, name = ''] = /^\/alerts\/([^/]+)/.exec(incoming.path) ?? [];
          const request = requestOf(incoming, `/alerts/${name}`);
          const routes = createRoutes({
            partnerKeys: async () => partner.pem,
            snsTopics: rim.policy.alerts.snsTopics,
            fetchCertificate: async () => {
              throw new Error('the world has no certificates');
            },
          });
          const source = findRoute(routes, rim.policy.alerts.sources, { name, request });
          if (typeof source === 'number') return source;
          const sender = source.needs === 'secret' ? { source, keyring } : { source };
          const received = await receiveAlert(request, sender, { ...rim, profiles: Object.keys(rim.policy.profiles) });
          return sendJobs({ call: rim.call, jobKey: JOB_KEY }, QUEUES.leaks, received.jobs).then(
            () => received.status,
            () => 503,
          );
        },
        () => 500,
      ),
    event: (event) =>
      within<undefined>(
        'alert-edge',
        async ({ rim }) => {
          const envelope = readEnvelope(event);
          if (envelope.kind !== 'sns' && envelope.kind !== 'eventbridge') throw new Error('no event');
          const profiles = Object.keys(rim.policy.profiles);
          for (const { received } of await receiveTrusted(envelope, rim.policy.alerts, { ...rim, profiles })) {
            await sendJobs({ call: rim.call, jobKey: JOB_KEY }, QUEUES.leaks, received.jobs);
          }
          return undefined;
        },
        () => {
          throw new Error('the edge died');
        },
      ),
    slack: (incoming, userId) =>
      within<{ readonly status: number; readonly viewId?: string }>(
        'slack-edge',
        async (edge) => {
          try {
            const [{ job, open: wanted }] = await receive(edge, incoming);
            if (job === undefined) return { status: 200 };
            const viewId = wanted === undefined ? undefined : await open(userId, wanted.view);
            const payload = viewId === undefined ? job.payload : { ...job.payload, patrol_view_id: viewId };
            await sendJobs({ call: edge.rim.call, jobKey: JOB_KEY }, QUEUES.commands, [{ ...job, payload }]);
            return { status: 200, ...(viewId === undefined ? {} : { viewId }) };
          } catch (error) {
            return { status: isFault(error, 'signature_invalid') ? 401 : 503 };
          }
        },
        () => ({ status: 500 }),
      ),
    deploy: () => edges.clear(),
  };
}
