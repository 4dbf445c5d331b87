import type { Exchange, Reply } from '../../kit/exchange.ts';
import type { LangSmithKey, LangSmithKeys } from './keys.ts';
import { detail, invalidUuid, keyJson, METHOD_NOT_ALLOWED, ok, problem, readInfoSwitches } from './wire.ts';

/** One organisation at work. */
export interface Organisation {
  readonly keys: LangSmithKeys;
  readonly isAdmin: (caller: LangSmithKey) => boolean;
  readonly validation: 'objects' | 'strings';
  readonly now: () => Date;
  info(): Readonly<Record<string, unknown>>;
  setInfo(info: Readonly<Record<string, unknown>>): void;
}

const ORGS = '/api/v1/orgs/current';
const PATS = `${ORGS}/personal-access-tokens`;
const ONE = /^\/api\/v1\/orgs\/current\/(personal-access-tokens|service-keys)(?:\/([^/]+)(\/revocation)?)?$/;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

const NO_SUCH_KEY = problem(404, 'Not Found', 'API key not found');

const visible = ({ keys }: Organisation, kind: LangSmithKey['kind']) =>
  [...keys.rows().values()].filter((row) => row.kind === kind && !row.deleted);

/** Answers a caller who got in, as documented for the route. */
export function answerCall(organisation: Organisation, caller: LangSmithKey, exchange: Exchange): Reply {
  const { method, path } = exchange;
  if (path === ORGS) return method === 'GET' ? ok(organisation.info()) : METHOD_NOT_ALLOWED;
  if (path === `${ORGS}/info`) return organizationInfo(organisation, caller, exchange);
  if (path === PATS || path === `${ORGS}/members/personal-access-tokens`)
    return listPats(organisation, caller, exchange);
  const [, collection, id, revocation] = ONE.exec(path) ?? [];
  if (collection === undefined) return detail(404, 'Not Found');
  const isRevocation = revocation !== undefined;
  if (collection === 'service-keys') {
    return isRevocation ? detail(404, 'Not Found') : serviceKeys(organisation, caller, { method, id });
  }
  const isAllowed = method === 'DELETE' || (isRevocation && method === 'POST');
  return isAllowed ? changePat(organisation, caller, { method, id: id ?? '', isRevocation }) : METHOD_NOT_ALLOWED;
}

function organizationInfo(organisation: Organisation, caller: LangSmithKey, { method, body }: Exchange): Reply {
  if (method === 'GET') return ok(organisation.info());
  if (method !== 'PATCH') return METHOD_NOT_ALLOWED;
  if (!organisation.isAdmin(caller)) return problem(403, 'Forbidden', 'Missing permission organization:manage');
  const switches = readInfoSwitches(body);
  if ('status' in switches) return switches as Reply;
  organisation.setInfo({ ...organisation.info(), ...switches });
  return ok(organisation.info());
}

function listPats(organisation: Organisation, caller: LangSmithKey, { method, path, query }: Exchange): Reply {
  if (method !== 'GET') return METHOD_NOT_ALLOWED;
  if (query.getAll('workspace_ids').some((id) => !UUID.test(id)))
    return invalidUuid('workspace_ids', organisation.validation);
  const all = visible(organisation, 'pat');
  if (path === PATS) return ok(all.filter(({ owner }) => owner === caller.owner).map(keyJson));
  return organisation.isAdmin(caller)
    ? ok(all.map(keyJson))
    : problem(403, 'Forbidden', 'Missing permission organization:pats:read');
}

function changePat(
  { keys, isAdmin, validation, now }: Organisation,
  caller: LangSmithKey,
  { method, id, isRevocation }: { readonly method: string; readonly id: string; readonly isRevocation: boolean },
): Reply {
  if (!UUID.test(id)) return invalidUuid('pat_id', validation);
  const row = keys.rows().get(id);
  const isReachable = row?.kind === 'pat' && !row.deleted && (row.owner === caller.owner || isAdmin(caller));
  if (!isReachable) return NO_SUCH_KEY;
  if (!isRevocation) row.deleted = true;
  else if (method === 'POST') row.revokedAt ??= now().toISOString();
  else row.revokedAt = undefined;
  return isRevocation && method === 'DELETE' ? { status: 204 } : ok(keyJson(row));
}

function serviceKeys(
  organisation: Organisation,
  caller: LangSmithKey,
  { method, id }: { readonly method: string; readonly id: string | undefined },
): Reply {
  if (!organisation.isAdmin(caller)) return detail(403, 'Forbidden');
  if (id === undefined)
    return method === 'GET' ? ok(visible(organisation, 'service').map(keyJson)) : METHOD_NOT_ALLOWED;
  if (method !== 'DELETE') return METHOD_NOT_ALLOWED;
  if (!UUID.test(id)) return invalidUuid('api_key_id', organisation.validation);
  const row = organisation.keys.rows().get(id);
  if (row?.kind !== 'service' || row.deleted) return NO_SUCH_KEY;
  row.deleted = true;
  return ok(keyJson(row));
}
