import { randomBytes } from 'node:crypto';
import type { Exchange, Reply } from '../kit/exchange.ts';
import { startListener } from '../kit/listener.ts';
import { createRateLimit } from '../kit/rate-limit.ts';
import { createSlackDelivery, type SlackDelivery } from './delivery.ts';
import { createSlackFiles, type SlackFile } from './files.ts';
import { createSlackMethods, READ_METHODS } from './methods.ts';
import { type Args, fail, readArgs } from './protocol.ts';
import { createResponseUrls, type ResponseTarget } from './response-urls.ts';
import { createSlackViews, type SlackView } from './views.ts';
import { createSlackWorkspace, type SlackChannel, type SlackMessage, type SlackUser } from './workspace.ts';
import type { StandIn } from '../kit/stand-in.ts';

export interface SlackOptions {
  readonly port?: number;
  readonly rtt?: number;
  readonly botToken?: string;
  /** The bot's scopes; fewer provoke `missing_scope`. */
  readonly scopes?: readonly string[];
  /** Messages per channel and minute before 429; unlimited by default (Slack allows about one a second). */
  readonly postsPerMinute?: number;
  readonly now?: () => Date;
}

export interface SlackStandIn extends StandIn, SlackDelivery {
  /** Base address of the Web API, with the trailing slash that clients want. */
  readonly apiUrl: string;
  /** What `response_url`s start with. */
  readonly responseUrl: string;
  readonly botToken: string;
  users(): readonly SlackUser[];
  /** Channels and the direct messages that have been opened. */
  channels(): readonly SlackChannel[];
  messages(): readonly SlackMessage[];
  views(): readonly SlackView[];
  /** An open view as payloads show it, or `undefined`. */
  viewPayload(id: string): Readonly<Record<string, unknown>> | undefined;
  files(): readonly SlackFile[];
  setGroup(id: string, users: readonly string[]): void;
  setChannel(
    id: string,
    channel: { readonly members: readonly string[]; readonly shared?: boolean; readonly bot?: boolean },
  ): void;
  setScopes(scopes: readonly string[]): void;
  /** Installs the app for a whole organisation: what belongs to a workspace wants its `team_id`. */
  setOrgInstall(isOrgInstall: boolean): void;
  /** Makes a method refuse with Slack's code, everywhere or in one channel; without a code it works again. */
  setRefusal(refusal: Refusal): void;
  /** A trigger id as a signed request of this user carries it; good for one exchange within three seconds. */
  issueTrigger(userId: string): string;
  /** Tells whose a `response_url` is; the first telling counts. */
  learnResponseUrl(url: string, target: ResponseTarget): void;
}

/** A method that Slack refuses, as it does for an archived or read-only channel. */
export interface Refusal {
  readonly method: string;
  readonly channel?: string | undefined;
  readonly code?: string | undefined;
}

/** What Patrol's manifest asks for. */
export const BOT_SCOPES: readonly string[] = [
  'commands',
  'chat:write',
  'chat:write.public',
  'channels:read',
  'groups:read',
  'channels:history',
  'groups:history',
  'im:read',
  'im:write',
  'files:write',
  'usergroups:read',
  'users:read',
  'users:read.email',
];

const methodOf = (path: string) => /^\/api\/([A-Za-z.]+)$/.exec(path)?.[1];
const bearerOf = ({ headers }: Exchange) => /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1];

/**
 * Starts a stand-in for what Slack receives: the Web API with its scopes, limits and error codes, file uploads, and the
 * posts to `response_url`s. It keeps the transcript, the open modals and the Home tabs that a person would see.
 */
export async function startSlack(options: SlackOptions = {}): Promise<SlackStandIn> {
  const now = options.now ?? (() => new Date());
  const botToken = options.botToken ?? `xoxb-${randomBytes(6).readUIntBE(0, 6)}-${randomBytes(12).toString('hex')}`;
  const firstScopes = options.scopes ?? BOT_SCOPES;
  let scopes = firstScopes;
  let isOrgInstall = false;
  let baseUrl = '';
  const workspace = createSlackWorkspace(now);
  const views = createSlackViews(now);
  const files = createSlackFiles();
  const responses = createResponseUrls(workspace, now);
  const limit = createRateLimit(options.postsPerMinute ?? Number.POSITIVE_INFINITY, now);
  const methods = createSlackMethods({
    workspace,
    views,
    files,
    url: () => baseUrl,
    hasScope: (scope) => scopes.includes(scope),
    isOrgInstall: () => isOrgInstall,
    mayPost: limit.allow,
  });

  const limited = (seconds: number): Reply => ({
    status: 429,
    headers: { 'retry-after': String(seconds) },
    json: fail('ratelimited'),
  });
  const answer = (json: unknown, headers: Readonly<Record<string, string>> = {}): Reply => ({
    status: 200,
    headers: { 'x-oauth-scopes': scopes.join(','), ...headers },
    json,
  });

  const refusals = new Map<string, string>();
  const refusalOf = (name: string, args: Args) => {
    const channel = args['channel'] ?? args['channel_id'];
    return refusals.get(`${name} ${String(channel)}`) ?? refusals.get(`${name} *`);
  };

  const callMethod = (exchange: Exchange, name: string): Reply => {
    const method = methods.get(name);
    if (method === undefined) return answer(fail('unknown_method', { req_method: name }));
    const args = readArgs(exchange);
    if (args === undefined) return answer(fail('invalid_json'));
    const token = bearerOf(exchange) ?? args['token'];
    if (token !== botToken) return answer(fail(token === undefined ? 'not_authed' : 'invalid_auth'));
    const needed = [method.scope ?? []].flat();
    if (needed.length > 0 && !needed.some((scope) => scopes.includes(scope))) {
      const accepted = { 'x-accepted-oauth-scopes': needed.join(',') };
      return answer(fail('missing_scope', { needed: needed[0], provided: scopes.join(',') }), accepted);
    }
    const refused = refusalOf(name, args);
    if (refused !== undefined) return answer(fail(refused));
    const result = method.run(args);
    return result['error'] === 'ratelimited'
      ? limited(limit.retryAfterSeconds(String(args['channel'])))
      : answer(result);
  };

  const handle = (exchange: Exchange): Reply => {
    const { path, method, body, headers } = exchange;
    const name = methodOf(path);
    if (name !== undefined) return callMethod(exchange, name);
    if (method === 'POST' && path.startsWith('/response/')) {
      const error = responses.use(path, body);
      if (error === undefined) return { status: 200, body: 'ok' };
      return { status: error.endsWith('_url') ? 404 : 400, json: fail(error) };
    }
    const upload = method === 'POST' ? /^\/upload\/v1\/(\w+)$/.exec(path)?.[1] : undefined;
    if (upload === undefined) return { status: 404, body: 'Not Found' };
    const isStored = files.upload(upload, headers['content-type'] ?? '', body);
    return isStored ? { status: 200, body: `OK - ${body.length}` } : { status: 400, body: 'Bad Request' };
  };

  const listener = await startListener({
    provider: 'slack',
    port: options.port,
    rtt: options.rtt,
    now: options.now,
    handle,
    changes: ({ path }) => !READ_METHODS.includes(methodOf(path) ?? ''),
    refuse: (mode, { path }, { retryAfterSeconds = 1 }) => {
      if (mode === '429') return limited(retryAfterSeconds);
      if (mode === '500') return { status: 500, body: 'Internal Server Error' };
      return mode === '401' && methodOf(path) !== undefined ? answer(fail('token_expired')) : undefined;
    },
    reset: () => {
      scopes = firstScopes;
      isOrgInstall = false;
      refusals.clear();
      workspace.reset();
      views.reset();
      files.reset();
      responses.reset();
      limit.reset();
    },
  });
  baseUrl = listener.url;

  return {
    ...listener,
    ...createSlackDelivery({ views, responses }),
    apiUrl: `${listener.url}/api/`,
    responseUrl: `${listener.url}/response`,
    botToken,
    users: workspace.users,
    channels: workspace.channels,
    messages: workspace.messages,
    views: views.all,
    viewPayload: (id) => {
      const view = views.find(id);
      return view === undefined ? undefined : views.toPayload(view);
    },
    files: files.all,
    setGroup: workspace.setGroup,
    setChannel: workspace.setChannel,
    setScopes: (next) => {
      scopes = next;
    },
    setOrgInstall: (next) => {
      isOrgInstall = next;
    },
    setRefusal: ({ method, channel = '*', code }) => {
      if (code === undefined) refusals.delete(`${method} ${channel}`);
      else refusals.set(`${method} ${channel}`, code);
    },
    issueTrigger: views.issueTrigger,
    learnResponseUrl: (url, target) => responses.learn(new URL(url).pathname, target),
  };
}
