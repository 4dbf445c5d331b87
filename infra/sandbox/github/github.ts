import { tryParseJson } from '#shared/core/try-parse-json.ts';
import { createHash, randomBytes } from 'node:crypto';
import { type GithubAlert, type GithubAlertState, githubAlertJson } from './github-alert.ts';
import type { Exchange, Reply } from '../kit/exchange.ts';
import { startListener } from '../kit/listener.ts';
import { createPartnerKey, type GithubPartnerKey } from './partner-key.ts';
import type { StandIn } from '../kit/stand-in.ts';
import type { Refuse } from '../kit/trouble.ts';

export { createPartnerKey } from './partner-key.ts';

export interface GithubPublicKey {
  readonly key_identifier: string;
  readonly key: string;
  readonly is_current: boolean;
}

export interface GithubOptions {
  readonly port?: number;
  readonly rtt?: number;
  readonly token?: string;
  readonly now?: () => Date;
}

export interface GithubStandIn extends StandIn {
  /** The bearer that may read and close alerts. */
  readonly token: string;
  /** The key that is published from the start. */
  readonly partnerKey: GithubPartnerKey;
  setAlert(alert: GithubAlert): void;
  setAlerts(alerts: readonly GithubAlert[]): void;
  alerts(): readonly GithubAlertState[];
  setKeys(keys: readonly GithubPublicKey[]): void;
}

const RESOLUTIONS = ['false_positive', 'wont_fix', 'revoked', 'used_in_tests'];
const ALERT = /^\/repos\/([^/]+\/[^/]+)\/secret-scanning\/alerts\/(\d+)(\/locations)?$/;
const LISTING = /^\/(?:repos\/([^/]+\/[^/]+)|orgs\/([^/]+))\/secret-scanning\/alerts$/;
const KEYS = '/meta/public_keys/secret_scanning';
const COMMENT_CHARACTERS = 280;

const failure = (status: number, message: string): Reply => ({
  status,
  json: { message, documentation_url: 'https://docs.github.com/rest', status: String(status) },
});
const NOT_FOUND = failure(404, 'Not Found');
const BAD_CREDENTIALS = failure(401, 'Bad credentials');
const OPEN = { state: 'open', resolution: null, resolution_comment: null, resolved_at: null } as const;

function readObject(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  const json = tryParseJson(body.toString());
  return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : undefined;
}

/** How an alert is left by a `PATCH`, or why GitHub would not do it. */
function closed(alert: GithubAlertState, body: Buffer, now: Date): GithubAlertState | Reply {
  const wanted = readObject(body);
  if (wanted === undefined) return failure(400, 'Problems parsing JSON');
  const { state, resolution = null, resolution_comment: comment = null } = wanted;
  const isClosing = state === 'resolved';
  if (state !== 'open' && !isClosing) return failure(422, 'Invalid request: state');
  if (isClosing ? typeof resolution !== 'string' || !RESOLUTIONS.includes(resolution) : resolution !== null) {
    return failure(422, 'State does not match the resolution or resolution comment');
  }
  if (comment !== null && (typeof comment !== 'string' || comment.length > COMMENT_CHARACTERS)) {
    return failure(400, 'Resolution comment is invalid');
  }
  if (state === alert.state && resolution === alert.resolution) return failure(400, 'The resolution was not changed');
  return isClosing
    ? {
        ...alert,
        state,
        resolution: String(resolution),
        resolution_comment: comment,
        resolved_at: now.toISOString(),
      }
    : { ...alert, ...OPEN };
}

/** Publishes the partner keys, as GitHub does: with an etag. */
function keysReply(keys: readonly GithubPublicKey[], { headers }: Exchange): Reply {
  const etag = `W/"${createHash('sha256').update(JSON.stringify(keys)).digest('hex')}"`;
  if (headers['if-none-match'] === etag) return { status: 304, headers: { etag } };
  return {
    status: 200,
    headers: { etag, 'cache-control': 'public, max-age=60, s-maxage=60' },
    json: { public_keys: keys },
  };
}

const refuse: Refuse = (mode, _exchange, { retryAfterSeconds = 1 }) => {
  if (mode === '401') return BAD_CREDENTIALS;
  if (mode === '500') return failure(500, 'Server Error');
  if (mode !== '429') return undefined;
  return {
    ...failure(429, 'You have exceeded a secondary rate limit'),
    headers: { 'retry-after': String(retryAfterSeconds) },
  };
};

/** The alerts by repository and number. */
function createAlerts(now: () => Date) {
  let alerts = new Map<string, GithubAlertState>();
  const put = (alert: GithubAlertState): void => {
    alerts.set(`${alert.repository}#${alert.number}`, alert);
  };
  return {
    all: (): readonly GithubAlertState[] => [...alerts.values()],
    find: (id: string): GithubAlertState | undefined => alerts.get(id),
    open: (alert: GithubAlert): void => put({ ...alert, ...OPEN }),
    /** Changes an alert as a `PATCH` asks for. */
    change: (alert: GithubAlertState, body: Buffer): GithubAlertState | Reply => {
      const changed = closed(alert, body, now());
      if (!('status' in changed)) put(changed);
      return changed;
    },
    clear: (): void => {
      alerts = new Map();
    },
  };
}

type ShowAlert = (alert: GithubAlertState, hidesSecret: boolean) => object;

interface Shown {
  readonly alerts: ReturnType<typeof createAlerts>;
  readonly toJson: ShowAlert;
}

/** What a call about one alert is answered: the alert, its places, or how a `PATCH` has left it. */
function alertReply({ alerts, toJson }: Shown, alert: GithubAlertState, exchange: Exchange): Reply {
  const { method, path, query, body } = exchange;
  const show = (shown: GithubAlertState, hidesSecret: boolean): Reply => ({
    status: 200,
    json: toJson(shown, hidesSecret),
  });
  if (path.endsWith('/locations')) return method === 'GET' ? { status: 200, json: [] } : NOT_FOUND;
  if (method === 'GET') return show(alert, query.get('hide_secret') === 'true');
  if (method !== 'PATCH') return NOT_FOUND;
  const changed = alerts.change(alert, body);
  return 'status' in changed ? changed : show(changed, false);
}

/** One page of a repository's or an organisation's alerts. */
function listReply(all: readonly GithubAlertState[], { path, query }: Exchange, show: ShowAlert): Reply {
  const [, repository, organisation] = LISTING.exec(path) ?? [];
  const [perPage, page] = [Number(query.get('per_page') ?? 30), Number(query.get('page') ?? 1)];
  if (!(perPage >= 1 && perPage <= 100 && page >= 1)) return failure(422, 'Invalid request: per_page');
  const there = all.filter((alert) =>
    repository === undefined ? alert.repository.startsWith(`${organisation}/`) : alert.repository === repository,
  );
  // An organisation that nobody has heard of, or that the bearer may not see, is not there.
  if (there.length === 0) return NOT_FOUND;
  const state = query.get('state');
  const shown = there.filter((alert) => state === null || alert.state === state);
  const json = shown.slice((page - 1) * perPage, page * perPage).map((alert) => ({
    ...show(alert, query.get('hide_secret') === 'true'),
    ...(organisation === undefined ? {} : { repository: { id: 1, full_name: alert.repository } }),
  }));
  return { status: 200, json };
}

/** One page of the repositories that the token sees: those that have alerts. */
function repositoriesReply(all: readonly GithubAlertState[], query: URLSearchParams): Reply {
  const names = [...new Set(all.map(({ repository }) => repository))];
  const [perPage, page] = [Number(query.get('per_page') ?? 30), Number(query.get('page') ?? 1)];
  const json = names.slice((page - 1) * perPage, page * perPage).map((full_name, id) => ({ id, full_name }));
  return { status: 200, json };
}

/** Starts a stand-in for the parts of GitHub's REST API that a leak needs: secret scanning alerts and partner keys. */
export async function startGithub(options: GithubOptions = {}): Promise<GithubStandIn> {
  const now = options.now ?? (() => new Date());
  const token = options.token ?? `github_pat_${randomBytes(30).toString('hex')}`;
  const partnerKey = createPartnerKey();
  const firstKeys = [{ key_identifier: partnerKey.keyIdentifier, key: partnerKey.publicKeyPem, is_current: true }];
  let keys: readonly GithubPublicKey[] = firstKeys;
  const alerts = createAlerts(now);

  const toJson: ShowAlert = (alert, hidesSecret) =>
    githubAlertJson(alert, { baseUrl: listener.url, createdAt: now().toISOString(), hidesSecret });
  const handle = (exchange: Exchange): Reply => {
    const { method, path, headers, query } = exchange;
    // GitHub refuses every request without a User-Agent.
    if (headers['user-agent'] === undefined) return failure(403, 'Request forbidden by administrative rules.');
    if (path === KEYS) return method === 'GET' ? keysReply(keys, exchange) : NOT_FOUND;
    const [, repository, number] = ALERT.exec(path) ?? [];
    const bearer = /^(?:Bearer|token) (\S+)$/i.exec(headers.authorization ?? '')?.[1];
    if (bearer !== undefined && bearer !== token) return BAD_CREDENTIALS;
    if (bearer !== undefined && LISTING.test(path) && method === 'GET') {
      return listReply(alerts.all(), exchange, toJson);
    }
    if (bearer !== undefined && path === '/user/repos' && method === 'GET')
      return repositoriesReply(alerts.all(), query);
    const alert = bearer === undefined ? undefined : alerts.find(`${repository}#${number}`);
    return alert === undefined ? NOT_FOUND : alertReply({ alerts, toJson }, alert, exchange);
  };

  const listener = await startListener({
    provider: 'github',
    port: options.port,
    rtt: options.rtt,
    now: options.now,
    handle,
    changes: ({ method }) => method === 'PATCH',
    refuse,
    reset: () => {
      alerts.clear();
      keys = firstKeys;
    },
  });

  return {
    ...listener,
    token,
    partnerKey,
    setAlert: alerts.open,
    setAlerts: (next) => {
      alerts.clear();
      for (const alert of next) alerts.open(alert);
    },
    alerts: alerts.all,
    setKeys: (next) => {
      keys = next;
    },
  };
}
