import { randomBytes } from 'node:crypto';
import type { Exchange, Reply } from '../kit/exchange.ts';
import { startListener } from '../kit/listener.ts';
import { createRateLimit } from '../kit/rate-limit.ts';
import { createSlackDelivery, type SlackDelivery } from './delivery.ts';
import { createSlackFiles, type SlackFile, type SlackFiles } from './files.ts';
import { createSlackMethods, READ_METHODS } from './methods.ts';
import { type Args, fail, type Method, readArgs } from './protocol.ts';
import { createResponseUrls, type ResponseTarget, type ResponseUrls } from './response-urls.ts';
import { createSlackViews, type SlackView, type SlackViews } from './views.ts';
import {
  createSlackWorkspace,
  groupHandle,
  type SlackChannel,
  type SlackMessage,
  type SlackUser,
  type SlackWorkspace,
} from './workspace.ts';
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
  /** User groups, by what stands after their @. */
  groups(): readonly { readonly id: string; readonly name: string }[];
  messages(): readonly SlackMessage[];
  views(): readonly SlackView[];
  /** An open view as payloads show it, or `undefined`. */
  viewPayload(id: string): Readonly<Record<string, unknown>> | undefined;
  files(): readonly SlackFile[];
  setGroup(id: string, users: readonly string[]): void;
  setChannel(
    id: string,
    channel: {
      readonly members: readonly string[];
      readonly shared?: boolean;
      readonly pending?: boolean;
      readonly bot?: boolean;
    },
  ): void;
  setScopes(scopes: readonly string[]): void;
  /** Installs the app for a whole organisation: what belongs to a workspace wants its `team_id`. */
  setOrgInstall(isOrgInstall: boolean): void;
  /** Makes a method refuse with Slack's code, everywhere or in one channel; without a code it works again. */
  setRefusal(refusal: Refusal): void;
  /** Makes Slack refuse every message and view that holds a block of these types, however it is sent; none refuses none. */
  setUnknownBlocks(types: readonly string[]): void;
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

const limited = (seconds: number): Reply => ({
  status: 429,
  headers: { 'retry-after': String(seconds) },
  json: fail('ratelimited'),
});

/** How the app is installed, and which methods refuse; all of it can be changed and put back. */
function createInstallation(firstScopes: readonly string[]) {
  let scopes = firstScopes;
  let isOrgInstall = false;
  const refusals = new Map<string, string>();
  return {
    hasScope: (scope: string): boolean => scopes.includes(scope),
    scopes: (): string => scopes.join(','),
    isOrgInstall: (): boolean => isOrgInstall,
    refusalOf: (method: string, args: Args): string | undefined => {
      const channel = String(args['channel'] ?? args['channel_id']);
      return refusals.get(`${method} ${channel}`) ?? refusals.get(`${method} *`);
    },
    setScopes: (next: readonly string[]): void => {
      scopes = next;
    },
    setOrgInstall: (next: boolean): void => {
      isOrgInstall = next;
    },
    setRefusal: ({ method, channel = '*', code }: Refusal): void => {
      if (code === undefined) refusals.delete(`${method} ${channel}`);
      else refusals.set(`${method} ${channel}`, code);
    },
    reset: (): void => {
      scopes = firstScopes;
      isOrgInstall = false;
      refusals.clear();
    },
  };
}

/** What answers a call of the Web API. */
interface Api {
  readonly botToken: string;
  readonly installation: ReturnType<typeof createInstallation>;
  readonly methods: ReadonlyMap<string, Method>;
  readonly limit: ReturnType<typeof createRateLimit>;
}

const answer = ({ installation }: Api, json: unknown, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status: 200,
  headers: { 'x-oauth-scopes': installation.scopes(), ...headers },
  json,
});

/** Says which scope a call lacks. */
function missingScope(api: Api, { scope }: Method): Reply | undefined {
  const needed = [scope ?? []].flat();
  if (needed.length === 0 || needed.some(api.installation.hasScope)) return undefined;
  const accepted = { 'x-accepted-oauth-scopes': needed.join(',') };
  return answer(api, fail('missing_scope', { needed: needed[0], provided: api.installation.scopes() }), accepted);
}

function callMethod(api: Api, exchange: Exchange, name: string): Reply {
  const method = api.methods.get(name);
  if (method === undefined) return answer(api, fail('unknown_method', { req_method: name }));
  const args = readArgs(exchange);
  if (args === undefined) return answer(api, fail('invalid_json'));
  const token = bearerOf(exchange) ?? args['token'];
  if (token !== api.botToken) return answer(api, fail(token === undefined ? 'not_authed' : 'invalid_auth'));
  const unscoped = missingScope(api, method);
  if (unscoped !== undefined) return unscoped;
  const refused = api.installation.refusalOf(name, args);
  if (refused !== undefined) return answer(api, fail(refused));
  const result = method.run(args);
  return result['error'] === 'ratelimited'
    ? limited(api.limit.retryAfterSeconds(String(args['channel'])))
    : answer(api, result);
}

/** Takes a post to a `response_url`. */
function useResponseUrl(responses: ResponseUrls, { path, body }: Exchange): Reply {
  const error = responses.use(path, body);
  if (error === undefined) return { status: 200, body: 'ok' };
  return { status: error.endsWith('_url') ? 404 : 400, json: fail(error) };
}

/** Takes a file's bytes at the address that was given out for them. */
function takeUpload(files: SlackFiles, upload: string, { headers, body }: Exchange): Reply {
  const isStored = files.upload(upload, headers['content-type'] ?? '', body);
  return isStored ? { status: 200, body: `OK - ${body.length}` } : { status: 400, body: 'Bad Request' };
}

/** What people see of Slack, and what is learnt from the requests that it sends. */
const seenOf = (
  workspace: SlackWorkspace,
  views: SlackViews,
  responses: ResponseUrls,
): Pick<SlackStandIn, 'viewPayload' | 'learnResponseUrl' | 'channels' | 'groups' | 'messages' | 'users' | 'views'> => ({
  users: workspace.users,
  channels: workspace.channels,
  groups: () => [...workspace.groups().keys()].map((id) => ({ id, name: groupHandle(id) })),
  messages: workspace.messages,
  views: views.all,
  viewPayload: (id) => {
    const view = views.find(id);
    return view === undefined ? undefined : views.toPayload(view);
  },
  learnResponseUrl: (url, target) => responses.learn(new URL(url).pathname, target),
});

/**
 * Starts a stand-in for what Slack receives: the Web API with its scopes, limits and error codes, file uploads, and the
 * posts to `response_url`s. It keeps the transcript, the open modals and the Home tabs that a person would see.
 */
export async function startSlack(options: SlackOptions = {}): Promise<SlackStandIn> {
  const now = options.now ?? (() => new Date());
  const botToken = options.botToken ?? `xoxb-${randomBytes(6).readUIntBE(0, 6)}-${randomBytes(12).toString('hex')}`;
  const installation = createInstallation(options.scopes ?? BOT_SCOPES);
  const workspace = createSlackWorkspace(now);
  const views = createSlackViews(now);
  const files = createSlackFiles();
  const responses = createResponseUrls(workspace, now);
  const limit = createRateLimit(options.postsPerMinute ?? Number.POSITIVE_INFINITY, now);
  const url = (): string => listener.url;
  const methods = createSlackMethods({ workspace, views, files, url, ...installation, mayPost: limit.allow });
  const api: Api = { botToken, installation, methods, limit };

  const listener = await startListener({
    provider: 'slack',
    port: options.port,
    rtt: options.rtt,
    now: options.now,
    handle: (exchange) => {
      const { path, method } = exchange;
      const name = methodOf(path);
      if (name !== undefined) return callMethod(api, exchange, name);
      if (method === 'POST' && path.startsWith('/response/')) return useResponseUrl(responses, exchange);
      const upload = method === 'POST' ? /^\/upload\/v1\/(\w+)$/.exec(path)?.[1] : undefined;
      return upload === undefined ? { status: 404, body: 'Not Found' } : takeUpload(files, upload, exchange);
    },
    changes: ({ path }) => !READ_METHODS.includes(methodOf(path) ?? ''),
    refuse: (mode, { path }, { retryAfterSeconds = 1 }) => {
      if (mode === '429') return limited(retryAfterSeconds);
      if (mode === '500') return { status: 500, body: 'Internal Server Error' };
      return mode === '401' && methodOf(path) !== undefined ? answer(api, fail('token_expired')) : undefined;
    },
    reset: () => {
      for (const part of [installation, workspace, views, files, responses, limit]) part.reset();
    },
  });

  return {
    ...listener,
    ...createSlackDelivery({ views, responses }),
    ...seenOf(workspace, views, responses),
    apiUrl: `${listener.url}/api/`,
    responseUrl: `${listener.url}/response`,
    botToken,
    files: files.all,
    setGroup: workspace.setGroup,
    setChannel: workspace.setChannel,
    setScopes: installation.setScopes,
    setOrgInstall: installation.setOrgInstall,
    setRefusal: installation.setRefusal,
    setUnknownBlocks: workspace.setUnknownBlocks,
    issueTrigger: views.issueTrigger,
  };
}
