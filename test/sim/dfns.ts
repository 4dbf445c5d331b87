import type { Site, SimReply, SimRequest } from './network.ts';
import type { Ledger, SimToken } from './providers.ts';
import type { World } from './world.ts';

interface DfnsDeps {
  readonly world: World;
  readonly ledger: Ledger;
  /** Tells whose credential an access token is. */
  readonly callerOf: (authorization: string) => { readonly profile: string; readonly owner: string } | undefined;
  /** The token that a secret is, where it is no credential of ours. */
  readonly holderOf: (secret: string) => SimToken | undefined;
  readonly delayMs: () => number;
  readonly onCall: (call: {
    readonly provider: string;
    readonly sentAt: number;
    readonly isChange: boolean;
    readonly isChallenge?: boolean;
  }) => void;
}

export const ORGANISATION = 'or-30tnh-itmjs-s235s5ontr3r23h2';
const refusal = (status: number, message: string): SimReply => ({ status, json: { error: { message } } });

/** Dfns with user action signing: a challenge and a user action are good for one request and one use. */
export function createDfns({ world, ledger, callerOf, holderOf, delayMs, onCall }: DfnsDeps): Site {
  const challenges = new Map<string, string>();
  const actions = new Map<string, string>();
  const stopped = new Set<string>();
  const of = (owner: string) =>
    ledger.tokens.filter(
      (token) => token.provider === 'dfns' && token.owner === owner && ledger.stateOf(token) !== 'deleted',
    );
  const pat = (token: SimToken) => ({
    accessToken: '',
    tokenId: token.id,
    name: token.name,
    isActive: ledger.stateOf(token) === 'active',
    credId: token.own ? 'cr-own' : 'cr-other',
    orgId: ORGANISATION,
    linkedUserId: token.owner,
    dateCreated: token.createdAt,
    permissionAssignments: [],
  });
  const open = (body: string): SimReply => {
    const wanted = JSON.parse(body) as Record<string, string>;
    const id = world.chance.id('challenge');
    challenges.set(
      id,
      `${wanted['userActionHttpMethod']} ${wanted['userActionHttpPath']} ${wanted['userActionPayload']}`,
    );
    return {
      status: 200,
      json: {
        challenge: `ch-${id}`,
        challengeIdentifier: id,
        allowCredentials: { key: [{ id: 'cr-key' }], webauthn: [] },
      },
    };
  };
  const sign = (body: string): SimReply => {
    const { challengeIdentifier: id } = JSON.parse(body) as { challengeIdentifier: string };
    const purpose = challenges.get(id);
    if (purpose === undefined) return refusal(400, 'Challenge token is not valid.');
    challenges.delete(id);
    const action = world.chance.id('action');
    actions.set(action, purpose);
    return { status: 200, json: { userAction: action } };
  };
  const isSpent = ({ method, url, body, headers }: SimRequest): boolean => {
    const action = headers['x-dfns-useraction'] ?? '';
    const purpose = actions.get(action);
    actions.delete(action);
    return purpose !== `${method} ${url.pathname} ${body}`;
  };
  const change = (owner: string, request: SimRequest): SimReply => {
    if (isSpent(request)) return refusal(403, 'user action signature is missing or invalid');
    const [, area, id = '', verb] =
      /^\/auth\/(pats|users|service-accounts)\/([^/]+)(?:\/(activate|deactivate))?$/.exec(request.url.pathname) ?? [];
    if (area !== 'pats') {
      stopped.add(id);
      return { status: 200, json: { isActive: false } };
    }
    const token = of(owner).find((one) => one.id === id);
    if (token === undefined) return refusal(404, 'not found');
    const to = verb === undefined ? 'deleted' : verb === 'activate' ? 'active' : 'inactive';
    const delay = delayMs();
    if (delay === 0) ledger.change(token, to);
    else ledger.accept(token, to, delay);
    return { status: 200, json: pat(token) };
  };
  const read = (owner: string, path: string): SimReply => {
    if (path === '/auth/pats') return { status: 200, json: { items: of(owner).map(pat) } };
    const [, id] = /^\/auth\/pats\/([^/]+)$/.exec(path) ?? [];
    if (id === undefined) return { status: 200, json: { isActive: !stopped.has(path.split('/').at(-1) ?? '') } };
    const token = of(owner).find((one) => one.id === id);
    return token === undefined ? refusal(404, 'not found') : { status: 200, json: pat(token) };
  };
  const answer = (request: SimRequest): SimReply => {
    const { method, url, headers, body, sentAt } = request;
    const caller = callerOf(headers['authorization'] ?? '');
    onCall({
      ...{ provider: 'dfns', sentAt, isChallenge: url.pathname === '/auth/action/init' },
      isChange: method !== 'GET' && !url.pathname.startsWith('/auth/action'),
    });
    if (caller === undefined) return refusal(401, 'Unauthorized');
    if (method === 'GET') return read(caller.owner, url.pathname);
    if (url.pathname === '/auth/action/init') return open(body);
    if (url.pathname === '/auth/action') return sign(body);
    return change(caller.owner, request);
  };
  return {
    neighbour: 'dfns',
    nameOf: ({ method, url }) => `${method} ${url.pathname.replace(/\/(to|us)-[^/]+/, '/id')}`,
    answer,
    refuse: (mode, { method, url, headers }) => {
      const isOurs = holderOf((headers['authorization'] ?? '').replace('Bearer ', '')) === undefined;
      if (mode === '401' || (mode === 'denied' && isOurs)) return refusal(401, 'Unauthorized');
      if (mode === '429') return { ...refusal(429, 'Too Many Requests'), headers: { 'retry-after': '7' } };
      if (mode === '500') return refusal(500, 'Internal server error');
      const isChange = method !== 'GET' && !url.pathname.startsWith('/auth/action');
      return mode === '202' && isChange ? { status: 202, json: { id: 'rq-1', status: 'Pending' } } : undefined;
    },
  };
}
