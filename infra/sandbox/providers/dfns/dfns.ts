import { randomUUID } from 'node:crypto';
import { createUserActions } from './action.ts';
import { createDfnsDirectory, type DfnsProfile, type DfnsToken, type DfnsUser } from './directory.ts';
import { seedDfns } from './seed.ts';
import { FAULTS, failure, isReply, NOT_AUTHORIZED, NOT_FOUND, parseJson, tokenJson, userJson } from './wire.ts';
import type { Exchange, Reply } from '../../kit/exchange.ts';
import { startListener } from '../../kit/listener.ts';
import { createRateLimit } from '../../kit/rate-limit.ts';
import type { ProviderStandIn } from '../../kit/stand-in.ts';

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

  const tokensOf = (user: DfnsUser) =>
    [...directory.tokens().values()].filter(({ userId, state }) => userId === user.userId && state !== 'deleted');

  const showUser = (user: DfnsUser) => userJson(directory.orgId, user, tokensOf(user));
  const showServiceAccount = (user: DfnsUser) => ({
    userInfo: showUser(user),
    accessTokens: tokensOf(user).map(showToken),
  });
  const showToken = (token: DfnsToken) => tokenJson(directory.orgId, token);

  /** Finds the caller by its bearer: only an active, unexpired token of an active user gets in. */
  const authenticate = (exchange: Exchange): DfnsToken | undefined => {
    const bearer = /^Bearer (\S+)$/.exec(exchange.headers.authorization ?? '')?.[1];
    const token = bearer === undefined ? undefined : directory.findBySecret(bearer);
    if (token?.state !== 'active' || token.expiresAtSeconds * 1_000 <= now().getTime()) return undefined;
    return directory.users().get(token.userId)?.isActive === true ? token : undefined;
  };

  const changePat = (caller: DfnsToken, id: string, verb: string): Reply => {
    const token = directory.tokens().get(id);
    if (token === undefined || token.userId !== caller.userId || token.kind !== 'Pat') return NOT_FOUND;
    if (token.state === 'deleted') return NOT_FOUND;
    token.state = verb === 'activate' ? 'active' : verb === 'deactivate' ? 'inactive' : 'deleted';
    return { status: 200, json: showToken(token) };
  };

  const changeAccount = (caller: DfnsToken, account: DfnsUser | undefined, verb: string, body: Buffer): Reply => {
    const kind = account?.isServiceAccount === true ? 'ServiceAccounts' : 'Users';
    if (caller.kind === 'Pat') {
      const operation = `Auth:${kind}:${verb === 'activate' ? 'Activate' : verb === 'deactivate' ? 'Deactivate' : 'Delete'}`;
      return failure(403, `PersonalAccessToken ${caller.userId} is not authorized to perform operation (${operation})`);
    }
    if (account === undefined) return NOT_FOUND;
    const parsed = body.length === 0 ? {} : parseJson(body);
    if (typeof parsed !== 'object' || parsed === null) return failure(400, 'Request validation failed: body');
    account.isActive = verb === 'activate';
    if (verb === 'delete') for (const token of tokensOf(account)) token.state = 'deleted';
    return { status: 200, json: account.isServiceAccount ? showServiceAccount(account) : showUser(account) };
  };

  const change = (caller: DfnsToken, { method, path, body }: Exchange): Reply => {
    const [, area, id = '', verb = method === 'DELETE' ? 'delete' : ''] =
      /^\/auth\/(pats|users|service-accounts)\/([^/]{1,64})(?:\/(activate|deactivate))?$/.exec(path) ?? [];
    if (area === undefined || (method === 'DELETE') !== (verb === 'delete') || verb === '') return NOT_FOUND;
    if (area === 'pats') return changePat(caller, id, verb);
    const account = directory.users().get(id);
    const isKind = account?.isServiceAccount === (area === 'service-accounts');
    return changeAccount(caller, isKind ? account : undefined, verb, body);
  };

  const read = (caller: DfnsToken, path: string): Reply => {
    const [, area, id] = /^\/auth\/(pats|users|service-accounts)(?:\/([^/]{1,64}))?$/.exec(path) ?? [];
    if (area === undefined) return NOT_FOUND;
    if (area === 'pats') {
      const own = [...directory.tokens().values()].filter(
        ({ userId, kind, state }) => userId === caller.userId && kind === 'Pat' && state !== 'deleted',
      );
      if (id === undefined) return { status: 200, json: { items: own.map(showToken) } };
      const token = own.find(({ tokenId }) => tokenId === id);
      return token === undefined ? NOT_FOUND : { status: 200, json: showToken(token) };
    }
    const show = (user: DfnsUser): object => (user.isServiceAccount ? showServiceAccount(user) : showUser(user));
    const accounts = [...directory.users().values()].filter((user) => user.isServiceAccount === (area !== 'users'));
    if (id === undefined) return { status: 200, json: { items: accounts.map(show) } };
    const account = accounts.find(({ userId }) => userId === id);
    return account === undefined ? NOT_FOUND : { status: 200, json: show(account) };
  };

  /** Admits a change to be made: spends its user action, and tells whether the signature holds for these very bytes. */
  const admit = (exchange: Exchange): Reply | DfnsToken => {
    const caller = authenticate(exchange);
    if (caller === undefined) return NOT_AUTHORIZED;
    if (!limit.allow(directory.orgId)) return FAULTS['429'];
    if (exchange.method === 'GET' || USER_ACTION_PATHS.includes(exchange.path)) return caller;
    const userAction = exchange.headers['x-dfns-useraction'];
    const refused = actions.spend(caller, typeof userAction === 'string' ? userAction : undefined, exchange);
    return refused === undefined ? caller : { ...failure(refused.status, refused.message), signatureValid: false };
  };

  const handle = (exchange: Exchange): Reply => {
    const caller = admit(exchange);
    if (isReply(caller)) return caller;
    const { method, path, body } = exchange;
    if (method === 'GET') return read(caller, path);
    if (method !== 'POST') return { ...change(caller, exchange), signatureValid: true };
    if (path === '/auth/action/init') {
      const opened = actions.open(caller, parseJson(body));
      return 'message' in opened
        ? failure(Number(opened['status']), String(opened['message']))
        : { status: 200, json: opened };
    }
    if (path !== '/auth/action') return NOT_FOUND;
    const signed = actions.sign(caller, parseJson(body));
    return 'userAction' in signed
      ? { status: 200, json: signed, signatureValid: true }
      : { ...failure(signed.status, signed.message), signatureValid: false };
  };

  const changes = ({ method, path }: Exchange) => method !== 'GET' && !USER_ACTION_PATHS.includes(path);

  const listener = await startListener({
    provider: 'dfns',
    port: options.port,
    rtt: options.rtt,
    now: options.now,
    handle,
    changes,
    refuse: (mode, exchange) => {
      if (mode === 'no-revocation') return undefined;
      if (mode !== '202') return FAULTS[mode];
      if (!changes(exchange)) return undefined;
      const caller = admit(exchange);
      if (isReply(caller)) return caller;
      return { status: 202, json: { id: `pa-${randomUUID()}`, status: 'Pending' }, signatureValid: true };
    },
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
    tokens: () => [...directory.tokens().values()].map(directory.toStandInToken),
    mint: (mint) => directory.toStandInToken(directory.mint(mint)),
    profileSecret: (profile) => {
      const credential = directory.credentialOf(profile);
      return {
        provider: 'dfns',
        baseUrl: listener.url,
        authToken: credential.accessToken,
        credentialId: credential.credId,
        privateKey: credential.privateKeyPem ?? '',
      };
    },
  };
}
