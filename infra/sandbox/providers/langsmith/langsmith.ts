import { randomUUID } from 'node:crypto';
import {
  createLangSmithKeys,
  type LangSmithKey,
  type LangSmithKeys,
  type ShortKeyShape,
  toStandInToken,
} from './keys.ts';
import { answerCall } from './organisation.ts';
import { seedLangSmith } from './seed.ts';
import { detail } from './wire.ts';
import type { Exchange, Reply } from '../../kit/exchange.ts';
import { startListener } from '../../kit/listener.ts';
import { createRateLimit } from '../../kit/rate-limit.ts';
import type { FaultSwitch, ProviderStandIn } from '../../kit/stand-in.ts';
import type { RefusalMode } from '../../kit/trouble.ts';

const DEMO: NonNullable<LangSmithOptions['profiles']> = { 'langsmith-demo': { admin: true } };

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

const INVALID = detail(401, 'Invalid token');
const changes = ({ method }: Exchange) => method !== 'GET' && method !== 'HEAD';
const tooMany = (seconds: number): Reply => ({
  ...detail(429, 'Too Many Requests'),
  headers: { 'retry-after': String(seconds) },
});

/** Only a key that is neither deleted, revoked nor expired works. */
function isAlive({ deleted, revokedAt, expiresAt }: LangSmithKey, now: Date): boolean {
  return !deleted && revokedAt === undefined && (expiresAt === undefined || Date.parse(expiresAt) > now.getTime());
}

/** LangSmith's own error for a fault. `no-revocation` concerns the revocation routes only. */
function refuse(mode: RefusalMode, exchange: Exchange, { retryAfterSeconds = 1 }: FaultSwitch): Reply | undefined {
  if (mode === '401') return INVALID;
  if (mode === '500') return detail(500, 'Internal server error');
  if (mode === '429') return tooMany(retryAfterSeconds);
  if (mode === '202') return changes(exchange) ? { status: 202, json: {} } : undefined;
  return exchange.path.endsWith('/revocation') ? detail(404, 'Not Found') : undefined;
}

/** Creates the organisation with its switches; `reset` puts them back. */
function createOrganisation(keys: LangSmithKeys, options: LangSmithOptions, now: () => Date) {
  const profiles = options.profiles ?? DEMO;
  const id = randomUUID();
  const first = { id, display_name: 'Sandbox', pat_creation_disabled: false, max_pat_expiry_days: null };
  let info: Readonly<Record<string, unknown>> = first;
  const admins = new Set(
    Object.keys(profiles)
      .filter((profile) => profiles[profile]?.admin === true)
      .map(keys.memberOf),
  );
  return {
    id,
    keys,
    now,
    validation: options.validation ?? 'objects',
    isAdmin: (caller: LangSmithKey) => caller.kind === 'pat' && admins.has(caller.owner),
    info: () => info,
    setInfo: (next: Readonly<Record<string, unknown>>): void => {
      info = next;
    },
    reset: (): void => {
      keys.reset();
      info = first;
    },
  };
}

/**
 * Starts a stand-in for the LangSmith API: one organisation whose members' tokens are listed, revoked, reinstated and
 * deleted as documented. The fault `no-revocation` makes it an old self-hosted server, which answers on the revocation
 * routes as FastAPI answers on any unknown one.
 */
export async function startLangSmith(options: LangSmithOptions = {}): Promise<LangSmithStandIn> {
  const now = options.now ?? (() => new Date());
  const keys = createLangSmithKeys({
    profiles: Object.keys(options.profiles ?? DEMO),
    shape: options.shortKey ?? 'head-tail',
    rowIdInKey: options.rowIdInKey ?? false,
    now,
  });
  for (const profile of options.seeded ?? ['langsmith-demo']) seedLangSmith(keys, profile, now());
  keys.keep();
  const limit = createRateLimit(options.callsPerMinute ?? 2_000, now);
  const organisation = createOrganisation(keys, options, now);

  const handle = (exchange: Exchange): Reply => {
    const { 'x-api-key': secret, 'x-organization-id': wanted } = exchange.headers;
    const caller = typeof secret === 'string' ? keys.findBySecret(secret) : undefined;
    if (caller === undefined || !isAlive(caller, now())) return INVALID;
    if (!limit.allow(caller.id)) return tooMany(limit.retryAfterSeconds(caller.id));
    if (wanted !== undefined && wanted !== organisation.id) return detail(403, 'Forbidden');
    caller.lastUsedAt = now().toISOString();
    return answerCall(organisation, caller, exchange);
  };

  const listener = await startListener({
    provider: 'langsmith',
    port: options.port,
    rtt: options.rtt,
    now: options.now,
    handle,
    changes,
    refuse,
    reset: () => {
      organisation.reset();
      limit.reset();
    },
  });

  return {
    ...listener,
    organizationId: organisation.id,
    info: organisation.info,
    tokens: () => [...keys.rows().values()].map(toStandInToken),
    mint: (mint) => toStandInToken(keys.mint(mint)),
    profileSecret: (profile) => {
      const credential = keys.credentialOf(profile);
      return {
        provider: 'langsmith',
        baseUrl: listener.url,
        apiKey: credential.secret,
        organizationId: organisation.id,
        scope: organisation.isAdmin(credential) ? 'organization' : 'own',
      };
    },
  };
}
