import { randomUUID } from 'node:crypto';
import { createLangSmithKeys, type LangSmithKey, type ShortKeyShape } from './keys.ts';
import { seedLangSmith } from './seed.ts';
import { detail, invalidUuid, keyJson, METHOD_NOT_ALLOWED, ok, problem, readInfoSwitches } from './wire.ts';
import type { Exchange, Reply } from '../../kit/exchange.ts';
import { startListener } from '../../kit/listener.ts';
import { createRateLimit } from '../../kit/rate-limit.ts';
import type { ProviderStandIn } from '../../kit/stand-in.ts';

export interface LangSmithOptions {
  readonly port?: number;
  readonly rtt?: number;
  /** Profiles that exist from the start; `admin` members see the whole organisation. `langsmith-demo` (admin) by default. */
  readonly profiles?: Readonly<Record<string, { readonly admin: boolean }>>;
  /** Profiles whose organisation starts with the demonstration keys; `langsmith-demo` by default. */
  readonly seeded?: readonly string[];
  readonly shortKey?: ShortKeyShape;
  readonly rowIdInKey?: boolean;
  /** Shape of a 422: a list of objects as FastAPI does, or a list of strings as the newest specification says. */
  readonly validation?: 'objects' | 'strings';
  /** 2000 per key as published. */
  readonly callsPerMinute?: number;
  readonly now?: () => Date;
}

export interface LangSmithStandIn extends ProviderStandIn {
  readonly organizationId: string;
  /** The organisation's switches as they stand, e.g. `pat_creation_disabled`. */
  info(): Readonly<Record<string, unknown>>;
}

const ORGS = '/api/v1/orgs/current';
const PATS = `${ORGS}/personal-access-tokens`;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
/**
 * Starts a stand-in for the LangSmith API: one organisation whose members' tokens are listed, revoked, reinstated and
 * deleted as documented. The fault `no-revocation` makes it an old self-hosted server, which answers on the revocation
 * routes as FastAPI answers on any unknown one.
 */
export async function startLangSmith(options: LangSmithOptions = {}): Promise<LangSmithStandIn> {
  const now = options.now ?? (() => new Date());
  const profiles = options.profiles ?? { 'langsmith-demo': { admin: true } };
  const organizationId = randomUUID();
  const keys = createLangSmithKeys({
    profiles: Object.keys(profiles),
    shape: options.shortKey ?? 'head-tail',
    rowIdInKey: options.rowIdInKey ?? false,
    now,
  });
  for (const profile of options.seeded ?? ['langsmith-demo']) seedLangSmith(keys, profile, now());
  keys.keep();
  const limit = createRateLimit(options.callsPerMinute ?? 2_000, now);
  const firstInfo = {
    id: organizationId,
    display_name: 'Sandbox',
    pat_creation_disabled: false,
    max_pat_expiry_days: null,
  };
  let info: Record<string, unknown> = { ...firstInfo };

  const admins = new Set(
    Object.keys(profiles)
      .filter((profile) => profiles[profile]?.admin === true)
      .map(keys.memberOf),
  );
  const isAdmin = (caller: LangSmithKey) => caller.kind === 'pat' && admins.has(caller.owner);

  const notUuid = (name: string) => invalidUuid(name, options.validation ?? 'objects');

  /** Finds the caller: only a key that is neither deleted, revoked nor expired works. */
  const authenticate = ({ headers }: Exchange): LangSmithKey | undefined => {
    const secret = headers['x-api-key'];
    const row = typeof secret === 'string' ? keys.findBySecret(secret) : undefined;
    if (row === undefined || row.deleted || row.revokedAt !== undefined) return undefined;
    return row.expiresAt !== undefined && Date.parse(row.expiresAt) <= now().getTime() ? undefined : row;
  };

  const visible = (kind: LangSmithKey['kind']) =>
    [...keys.rows().values()].filter((row) => row.kind === kind && !row.deleted);

  const changePat = (caller: LangSmithKey, method: string, id: string, isRevocation: boolean): Reply => {
    if (!UUID.test(id)) return notUuid('pat_id');
    const row = keys.rows().get(id);
    const isReachable = row?.kind === 'pat' && !row.deleted && (row.owner === caller.owner || isAdmin(caller));
    if (!isReachable) return problem(404, 'Not Found', 'API key not found');
    if (!isRevocation) row.deleted = true;
    else if (method === 'POST') row.revokedAt ??= now().toISOString();
    else row.revokedAt = undefined;
    return isRevocation && method === 'DELETE' ? { status: 204 } : ok(keyJson(row));
  };

  const serviceKeys = (caller: LangSmithKey, method: string, id: string | undefined): Reply => {
    if (!isAdmin(caller)) return detail(403, 'Forbidden');
    if (id === undefined) return method === 'GET' ? ok(visible('service').map(keyJson)) : METHOD_NOT_ALLOWED;
    if (method !== 'DELETE') return METHOD_NOT_ALLOWED;
    if (!UUID.test(id)) return notUuid('api_key_id');
    const row = keys.rows().get(id);
    if (row?.kind !== 'service' || row.deleted) return problem(404, 'Not Found', 'API key not found');
    row.deleted = true;
    return ok(keyJson(row));
  };

  const organizationInfo = (caller: LangSmithKey, method: string, body: Buffer): Reply => {
    if (method === 'GET') return ok(info);
    if (method !== 'PATCH') return METHOD_NOT_ALLOWED;
    if (!isAdmin(caller)) return problem(403, 'Forbidden', 'Missing permission organization:manage');
    const switches = readInfoSwitches(body);
    if ('status' in switches) return switches as Reply;
    info = { ...info, ...switches };
    return ok(info);
  };

  const route = (caller: LangSmithKey, { method, path, query, body }: Exchange): Reply => {
    if (path === ORGS) return method === 'GET' ? ok(info) : METHOD_NOT_ALLOWED;
    if (path === `${ORGS}/info`) return organizationInfo(caller, method, body);
    if (path === PATS || path === `${ORGS}/members/personal-access-tokens`) {
      if (method !== 'GET') return METHOD_NOT_ALLOWED;
      if (query.getAll('workspace_ids').some((id) => !UUID.test(id))) return notUuid('workspace_ids');
      const all = visible('pat');
      if (path === PATS) return ok(all.filter(({ owner }) => owner === caller.owner).map(keyJson));
      return isAdmin(caller)
        ? ok(all.map(keyJson))
        : problem(403, 'Forbidden', 'Missing permission organization:pats:read');
    }
    const [, collection, id, revocation] =
      /^\/api\/v1\/orgs\/current\/(personal-access-tokens|service-keys)(?:\/([^/]+)(\/revocation)?)?$/.exec(path) ?? [];
    if (collection === undefined) return detail(404, 'Not Found');
    if (collection === 'service-keys') {
      return revocation === undefined ? serviceKeys(caller, method, id) : detail(404, 'Not Found');
    }
    const isRevocation = revocation !== undefined;
    const isAllowed = method === 'DELETE' || (isRevocation && method === 'POST');
    return isAllowed ? changePat(caller, method, id ?? '', isRevocation) : METHOD_NOT_ALLOWED;
  };

  const handle = (exchange: Exchange): Reply => {
    const caller = authenticate(exchange);
    if (caller === undefined) return detail(401, 'Invalid token');
    if (!limit.allow(caller.id)) {
      return {
        ...detail(429, 'Too Many Requests'),
        headers: { 'retry-after': String(limit.retryAfterSeconds(caller.id)) },
      };
    }
    const organization = exchange.headers['x-organization-id'];
    if (organization !== undefined && organization !== organizationId) return detail(403, 'Forbidden');
    caller.lastUsedAt = now().toISOString();
    return route(caller, exchange);
  };

  const changes = ({ method }: Exchange) => method !== 'GET' && method !== 'HEAD';
  const listener = await startListener({
    provider: 'langsmith',
    port: options.port,
    rtt: options.rtt,
    now: options.now,
    handle,
    changes,
    refuse: (mode, exchange, { retryAfterSeconds = 1 }) => {
      if (mode === '401') return detail(401, 'Invalid token');
      if (mode === '500') return detail(500, 'Internal server error');
      if (mode === '429')
        return { ...detail(429, 'Too Many Requests'), headers: { 'retry-after': String(retryAfterSeconds) } };
      if (mode === '202') return changes(exchange) ? { status: 202, json: {} } : undefined;
      return exchange.path.endsWith('/revocation') ? detail(404, 'Not Found') : undefined;
    },
    reset: () => {
      keys.reset();
      limit.reset();
      info = { ...firstInfo };
    },
  });

  return {
    ...listener,
    organizationId,
    info: () => info,
    tokens: () => [...keys.rows().values()].map(keys.toStandInToken),
    mint: (mint) => keys.toStandInToken(keys.mint(mint)),
    profileSecret: (profile) => {
      const credential = keys.credentialOf(profile);
      return {
        provider: 'langsmith',
        baseUrl: listener.url,
        apiKey: credential.secret,
        organizationId,
        scope: isAdmin(credential) ? 'organization' : 'own',
      };
    },
  };
}
