import { tryParseJson } from '#shared/core/try-parse-json.ts';
import { randomUUID } from 'node:crypto';
import { changeAccount, readAccounts } from './read-accounts.ts';
import { createUserActions, isRefused, type Refused, type UserActions } from './user-actions.ts';
import type { DfnsProfile, DfnsToken, DfnsUser } from './dfns-token.ts';
import { createDfnsDirectory, type DfnsDirectory } from './directory.ts';
import { toStandInToken } from './new-token.ts';
import { seedDfns } from './seed.ts';
import { FAULTS, failure, isReply, NOT_AUTHORIZED, NOT_FOUND } from './wire.ts';
import type { Exchange, Reply } from '../../kit/exchange.ts';
import { startListener } from '../../kit/listener.ts';
import { createRateLimit } from '../../kit/rate-limit.ts';
import type { ProviderStandIn } from '../../kit/stand-in.ts';
import type { RefusalMode } from '../../kit/trouble.ts';

export interface DfnsOptions {
  readonly port?: number;
  readonly rtt?: number;
  /** Profiles that exist from the start, with their key type and identity; `dfns-demo` with Ed25519 by default. */
  readonly profiles?: Readonly<Record<string, DfnsProfile>>;
  /** Profiles whose user starts with the demonstration tokens; `dfns-demo` by default. */
  readonly seeded?: readonly string[];
  /** 1000 as published; a trial organisation has 100. */
  readonly callsPerMinute?: number;
  /** How long a challenge and a user action live; 60 by default (Dfns documents no figure). */
  readonly actionSeconds?: number;
  readonly now?: () => Date;
}

export interface DfnsStandIn extends ProviderStandIn {
  readonly orgId: string;
  /** The `us-…` id of a profile's user or service account. */
  userId(profile: string): string;
  users(): readonly DfnsUser[];
}

const USER_ACTION_PATHS = ['/auth/action/init', '/auth/action'];

const changes = ({ method, path }: Exchange) => method !== 'GET' && !USER_ACTION_PATHS.includes(path);
const refused = ({ status, message }: Refused): Reply => failure(status, message);

/** One organisation at work. */
interface Organisation {
  readonly directory: DfnsDirectory;
  readonly actions: UserActions;
  readonly limit: ReturnType<typeof createRateLimit>;
  readonly now: () => Date;
}

/** Finds the caller by its bearer: only an active, unexpired token of an active user gets in. */
function authenticate({ directory, now }: Organisation, exchange: Exchange): DfnsToken | undefined {
  const bearer = /^Bearer (\S+)$/.exec(exchange.headers.authorization ?? '')?.[1];
  const token = bearer === undefined ? undefined : directory.findBySecret(bearer);
  if (token?.state !== 'active' || token.expiresAtSeconds * 1_000 <= now().getTime()) return undefined;
  return directory.users().get(token.userId)?.isActive === true ? token : undefined;
}

/** Admits a change to be made: spends its user action, and tells whether the signature holds for these very bytes. */
function admit(organisation: Organisation, exchange: Exchange): Reply | DfnsToken {
  const { directory, limit, actions } = organisation;
  const caller = authenticate(organisation, exchange);
  if (caller === undefined) return NOT_AUTHORIZED;
  if (!limit.allow(directory.orgId)) return FAULTS['429'];
  if (!changes(exchange)) return caller;
  const userAction = exchange.headers['x-dfns-useraction'];
  const refusal = actions.spend(caller, typeof userAction === 'string' ? userAction : undefined, exchange);
  return refusal === undefined ? caller : { ...refused(refusal), signatureValid: false };
}

function handle(organisation: Organisation, exchange: Exchange): Reply {
  const { directory, actions } = organisation;
  const caller = admit(organisation, exchange);
  if (isReply(caller)) return caller;
  const { method, path, body } = exchange;
  if (method === 'GET') return readAccounts(directory, caller, path);
  if (method !== 'POST') return { ...changeAccount(directory, caller, exchange), signatureValid: true };
  if (path === '/auth/action/init') {
    const opened = actions.open(caller, tryParseJson(body.toString()));
    return isRefused(opened) ? refused(opened) : { status: 200, json: opened };
  }
  if (path !== '/auth/action') return NOT_FOUND;
  const signed = actions.sign(caller, tryParseJson(body.toString()));
  return isRefused(signed)
    ? { ...refused(signed), signatureValid: false }
    : { status: 200, json: signed, signatureValid: true };
}

/** What a fault does to a call: Dfns' own error, or with 202 a change that waits for somebody's approval. */
function refuse(organisation: Organisation, mode: RefusalMode, exchange: Exchange): Reply | undefined {
  if (mode === 'no-revocation') return undefined;
  if (mode !== '202') return FAULTS[mode];
  if (!changes(exchange)) return undefined;
  const caller = admit(organisation, exchange);
  if (isReply(caller)) return caller;
  return { status: 202, json: { id: `pa-${randomUUID()}`, status: 'Pending' }, signatureValid: true };
}

/** The JSON that the secret of a profile holds. */
function profileSecret(directory: DfnsDirectory, baseUrl: string, profile: string) {
  const { accessToken, credId, privateKeyPem = '' } = directory.credentialOf(profile);
  return { provider: 'dfns', baseUrl, authToken: accessToken, credentialId: credId, privateKey: privateKeyPem };
}

/**
 * Starts a stand-in for the Dfns API: one organisation whose tokens are listed and changed over the documented wire
 * protocol. Changes need the full user action signing with a signature that verifies; every profile has a key pair of its
 * own, made at start.
 */
export async function startDfns(options: DfnsOptions = {}): Promise<DfnsStandIn> {
  const now = options.now ?? (() => new Date());
  const directory = createDfnsDirectory({ profiles: options.profiles ?? { 'dfns-demo': {} }, now });
  for (const profile of options.seeded ?? ['dfns-demo']) seedDfns(directory, profile);
  directory.keep();
  const actions = createUserActions({ lifetimeSeconds: options.actionSeconds ?? 60, now });
  const limit = createRateLimit(options.callsPerMinute ?? 1_000, now);
  const organisation: Organisation = { directory, actions, limit, now };

  const listener = await startListener({
    provider: 'dfns',
    port: options.port,
    rtt: options.rtt,
    now: options.now,
    handle: (exchange) => handle(organisation, exchange),
    changes,
    refuse: (mode, exchange) => refuse(organisation, mode, exchange),
    reset: () => {
      directory.reset();
      actions.reset();
      limit.reset();
    },
  });

  return {
    ...listener,
    orgId: directory.orgId,
    userId: (profile) => directory.userOf(profile).userId,
    users: () => [...directory.users().values()],
    tokens: () => [...directory.tokens().values()].map(toStandInToken),
    mint: (mint) => toStandInToken(directory.mint(mint)),
    profileSecret: (profile) => profileSecret(directory, listener.url, profile),
  };
}
