import { tryParseJson } from '#shared/core/try-parse-json.ts';
import type { Reply } from '../../kit/exchange.ts';
import type { DfnsToken, DfnsUser } from './dfns-token.ts';
import type { DfnsDirectory } from './directory.ts';
import { failure, NOT_FOUND, tokenJson, userJson } from './wire.ts';

type Area = 'pats' | 'users' | 'service-accounts';
type Verb = 'activate' | 'deactivate' | 'delete';

const ONE_OR_ALL = /^\/auth\/(pats|users|service-accounts)(?:\/([^/]{1,64}))?$/;
const CHANGE = /^\/auth\/(pats|users|service-accounts)\/([^/]{1,64})(?:\/(activate|deactivate))?$/;
const STATES = { activate: 'active', deactivate: 'inactive', delete: 'deleted' } as const;
const OPERATIONS = { activate: 'Activate', deactivate: 'Deactivate', delete: 'Delete' } as const;

const ok = (json: object | undefined): Reply => (json === undefined ? NOT_FOUND : { status: 200, json });

function tokensOf(directory: DfnsDirectory, user: DfnsUser): readonly DfnsToken[] {
  return [...directory.tokens().values()].filter(({ userId, state }) => userId === user.userId && state !== 'deleted');
}

/** A user, or a service account with its tokens, as Dfns shows it. */
function showAccount(directory: DfnsDirectory, user: DfnsUser): object {
  const tokens = tokensOf(directory, user);
  const shown = userJson(directory.orgId, user, tokens);
  if (!user.isServiceAccount) return shown;
  return { userInfo: shown, accessTokens: tokens.map((token) => tokenJson(directory.orgId, token)) };
}

/** Answers a `GET`: the caller's own tokens, users or service accounts, all or one. */
export function readAccounts(directory: DfnsDirectory, caller: DfnsToken, path: string): Reply {
  const [, area, id] = ONE_OR_ALL.exec(path) ?? [];
  if (area === undefined) return NOT_FOUND;
  const rows =
    area === 'pats'
      ? [...directory.tokens().values()]
          .filter(({ userId, kind, state }) => userId === caller.userId && kind === 'Pat' && state !== 'deleted')
          .map((token) => ({ id: token.tokenId, json: tokenJson(directory.orgId, token) }))
      : [...directory.users().values()]
          .filter((user) => user.isServiceAccount === (area !== 'users'))
          .map((user) => ({ id: user.userId, json: showAccount(directory, user) }));
  if (id === undefined) return ok({ items: rows.map(({ json }) => json) });
  return ok(rows.find((row) => row.id === id)?.json);
}

/** Answers a change of a token, a user or a service account, once its user action is spent. */
export function changeAccount(
  directory: DfnsDirectory,
  caller: DfnsToken,
  exchange: { readonly method: string; readonly path: string; readonly body: Buffer },
): Reply {
  const isDelete = exchange.method === 'DELETE';
  const [, area, id = '', verb = isDelete ? 'delete' : ''] = CHANGE.exec(exchange.path) ?? [];
  if (area === undefined || isDelete !== (verb === 'delete') || verb === '') return NOT_FOUND;
  const wanted = { id, verb: verb as Verb };
  return area === 'pats'
    ? changePat(directory, caller, wanted)
    : changeWhole(directory, caller, { ...wanted, area: area as Area, body: exchange.body });
}

function changePat(
  directory: DfnsDirectory,
  caller: DfnsToken,
  { id, verb }: { readonly id: string; readonly verb: Verb },
): Reply {
  const token = directory.tokens().get(id);
  if (token === undefined || token.userId !== caller.userId || token.kind !== 'Pat') return NOT_FOUND;
  if (token.state === 'deleted') return NOT_FOUND;
  token.state = STATES[verb];
  return ok(tokenJson(directory.orgId, token));
}

/** A personal access token may change no account: only a service account's may. */
function changeWhole(
  directory: DfnsDirectory,
  caller: DfnsToken,
  wanted: { readonly area: Area; readonly id: string; readonly verb: Verb; readonly body: Buffer },
): Reply {
  const { area, verb, body } = wanted;
  const known = directory.users().get(wanted.id);
  const account = known?.isServiceAccount === (area === 'service-accounts') ? known : undefined;
  if (caller.kind === 'Pat') {
    const operation = `Auth:${account?.isServiceAccount === true ? 'ServiceAccounts' : 'Users'}:${OPERATIONS[verb]}`;
    return failure(403, `PersonalAccessToken ${caller.userId} is not authorized to perform operation (${operation})`);
  }
  if (account === undefined) return NOT_FOUND;
  const parsed = body.length === 0 ? {} : tryParseJson(body.toString());
  if (typeof parsed !== 'object' || parsed === null) return failure(400, 'Request validation failed: body');
  account.isActive = verb === 'activate';
  if (verb === 'delete') for (const token of tokensOf(directory, account)) token.state = 'deleted';
  return ok(showAccount(directory, account));
}
