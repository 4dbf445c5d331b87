import type { LangSmithKey } from './keys.ts';
import type { Reply } from '../../kit/exchange.ts';

/** What `PATCH …/info` takes. */
const INFO_SWITCHES: Readonly<Record<string, 'boolean' | 'number' | 'string'>> = {
  pat_creation_disabled: 'boolean',
  max_pat_expiry_days: 'number',
  max_service_key_expiry_days: 'number',
  max_api_key_expiry_days: 'number',
  display_name: 'string',
};

/** FastAPI's error shape. */
export const detail = (status: number, text: string): Reply => ({ status, json: { detail: text } });
/** The RFC 7807 shape of the newer routes. */
export const problem = (status: number, title: string, text: string): Reply => ({
  status,
  headers: { 'content-type': 'application/problem+json' },
  json: { type: 'about:blank', title, status, detail: text },
});
/** A plain 200. */
export const ok = (json: unknown): Reply => ({ status: 200, json });

/** A key as the listings show it. */
export const keyJson = (row: LangSmithKey) => ({
  id: row.id,
  short_key: row.shortKey,
  description: row.description,
  created_at: row.createdAt,
  last_used_at: row.lastUsedAt ?? null,
  expires_at: row.expiresAt ?? null,
  revoked_at: row.revokedAt ?? null,
  created_by: row.owner,
  read_only: false,
  workspace_names: null,
  default_workspace_name: null,
  role_id: null,
  org_role_id: null,
  access_scope: row.permissions.includes('organization') ? 'organization' : 'workspace',
});

export const METHOD_NOT_ALLOWED = detail(405, 'Method Not Allowed');

const invalid = (loc: readonly string[], msg: string, type: string): Reply => ({
  status: 422,
  json: { detail: [{ loc, msg, type }] },
});

/** A 422 for a path or query value that is no UUID, in either of the two documented generations. */
export const invalidUuid = (name: string, shape: 'objects' | 'strings'): Reply =>
  shape === 'strings'
    ? { status: 422, json: { detail: [`${name} is not a valid UUID`] } }
    : invalid(['path', name], 'Input should be a valid UUID', 'uuid_parsing');

/** Reads the switches that a `PATCH …/info` sets, or returns the 422 for what it may not. */
export function readInfoSwitches(body: Buffer): Readonly<Record<string, unknown>> | Reply {
  let wanted: unknown;
  try {
    wanted = JSON.parse(body.toString());
  } catch {
    return invalid(['body'], 'JSON decode error', 'json_invalid');
  }
  if (typeof wanted !== 'object' || wanted === null) return invalid(['body'], 'Input should be an object', 'dict_type');
  for (const [name, value] of Object.entries(wanted)) {
    const isKnown = INFO_SWITCHES[name] === typeof value || (name in INFO_SWITCHES && value === null);
    if (!isKnown) return invalid(['body', name], 'Input is not valid', 'value_error');
  }
  return wanted as Readonly<Record<string, unknown>>;
}
