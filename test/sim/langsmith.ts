import type { Site, SimReply, SimRequest } from './network.ts';
import type { Ledger, SimToken } from './providers.ts';
import type { World } from './world.ts';

interface LangsmithDeps {
  readonly world: World;
  readonly ledger: Ledger;
  /** The API keys that are accepted now. */
  readonly accepts: (apiKey: string) => boolean;
  /** The token that a secret is, where it is no credential of ours. */
  readonly holderOf: (secret: string) => SimToken | undefined;
  /** How long an accepted change takes, milliseconds. */
  readonly delayMs: () => number;
  readonly onCall: (call: { readonly provider: string; readonly sentAt: number; readonly isChange: boolean }) => void;
}

const detail = (status: number, text: string): SimReply => ({ status, json: { detail: text } });
const ok = (json: unknown): SimReply => ({ status: 200, json });
const UNKNOWN: SimReply = {
  status: 404,
  headers: { 'content-type': 'application/problem+json' },
  json: { type: 'about:blank', title: 'Not Found', status: 404, detail: 'API key not found' },
};

const ORGS = '/api/v1/orgs/current';

/** LangSmith with one organisation: lists, revokes, reinstates, deletes. */
export function createLangsmith({ world, ledger, accepts, holderOf, delayMs, onCall }: LangsmithDeps): Site {
  let isStopped = false;
  const alive = (kind: SimToken['kind']) =>
    ledger.tokens.filter(
      (token) => token.provider === 'langsmith' && token.kind === kind && ledger.stateOf(token) !== 'deleted',
    );
  const revokedAt = (token: SimToken) =>
    new Date(ledger.changes.findLast((change) => change.token === token)?.at ?? world.now()).toISOString();
  const row = (token: SimToken) => ({
    id: token.id,
    short_key: `${token.secret.slice(0, 12)}...${token.secret.slice(-4)}`,
    description: token.name,
    created_at: token.createdAt,
    last_used_at: null,
    expires_at: null,
    revoked_at: ledger.stateOf(token) === 'inactive' ? revokedAt(token) : null,
    created_by: token.owner,
  });
  const change = (id: string, method: string, isRevocation: boolean): SimReply => {
    const token = alive('pat').find((one) => one.id === id);
    if (token === undefined) return UNKNOWN;
    const to = isRevocation ? (method === 'POST' ? 'inactive' : 'active') : 'deleted';
    const delay = delayMs();
    if (delay === 0) ledger.change(token, to);
    else ledger.accept(token, to, delay);
    return isRevocation && method === 'DELETE' ? { status: 204 } : ok(row(token));
  };
  const answer = ({ method, url, headers, sentAt }: SimRequest): SimReply => {
    onCall({ provider: 'langsmith', sentAt, isChange: method !== 'GET' });
    if (!accepts(headers['x-api-key'] ?? '')) return detail(401, 'Invalid token');
    const path = url.pathname;
    if (path === `${ORGS}/info`) {
      if (method === 'PATCH') isStopped = true;
      return ok({ pat_creation_disabled: isStopped });
    }
    if (path === `${ORGS}/personal-access-tokens`) {
      const owner = holderOf(headers['x-api-key'] ?? '')?.owner;
      return ok(
        alive('pat')
          .filter((token) => token.owner === owner)
          .map(row),
      );
    }
    if (path === `${ORGS}/members/personal-access-tokens`) return ok(alive('pat').map(row));
    if (path === `${ORGS}/service-keys`) return ok(alive('service-key').map(row));
    const [, collection, id = '', revocation] =
      /\/(personal-access-tokens|service-keys)\/([^/]+)(\/revocation)?$/.exec(path) ?? [];
    if (collection === 'personal-access-tokens') return change(id, method, revocation !== undefined);
    const key = alive('service-key').find((one) => one.id === id);
    if (collection !== 'service-keys' || key === undefined) return UNKNOWN;
    ledger.change(key, 'deleted');
    return ok(row(key));
  };
  return {
    neighbour: 'langsmith',
    nameOf: ({ method, url }) => `${method} ${url.pathname.replace(ORGS, '').replace(/[0-9a-f-]{36}/, 'id')}`,
    answer,
    refuse: (mode, { method, headers }) => {
      const isOurs = holderOf(headers['x-api-key'] ?? '') === undefined;
      if (mode === '401' || (mode === 'denied' && isOurs)) return detail(401, 'Invalid token');
      if (mode === '429') return { ...detail(429, 'Too Many Requests'), headers: { 'retry-after': '7' } };
      if (mode === '500') return detail(500, 'Internal server error');
      return mode === '202' && method !== 'GET' ? { status: 202, json: {} } : undefined;
    },
  };
}
