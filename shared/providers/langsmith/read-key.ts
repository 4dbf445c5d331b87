import * as z from 'zod';
import { defined } from '#shared/core/defined.ts';
import { type Infer, matching, object, string } from '#shared/core/schema.ts';
import type { Token, TokenKind, TokenState } from '#shared/core/vocabulary.ts';
import { cleanName } from '../kit/clean-name.ts';
import { cutPermissions, foreignList, foreignText, wholeText } from '../kit/foreign-texts.ts';
import { toIsoTime } from '../kit/to-iso-time.ts';
import { TOKEN_ID } from './token-id.ts';

/** The allow-list of `APIKeyGetResponse`; `revoked_at` and `created_by` are newer than many self-hosted servers. */
const keySchema = object({
  id: matching(TOKEN_ID),
  short_key: foreignText,
  description: wholeText,
  created_at: foreignText,
  last_used_at: foreignText,
  expires_at: foreignText,
  revoked_at: foreignText,
  created_by: foreignText,
  access_scope: foreignText,
  workspace_names: foreignList(string),
  org_role_id: foreignText,
  role_id: foreignText,
});

type Key = Infer<typeof keySchema>;

/** By how much the clocks of two of a provider's servers may differ, or ours, where its own is not told. */
const CLOCKS_DIFFER_MS = 60_000;

interface Place {
  readonly profile: string;
  readonly kind: TokenKind;
  readonly organizationId?: string;
  readonly now: Date;
  /** What its provider takes for the time, where it says so: ours may be far behind, and its revocation is of this moment all the same. */
  readonly theirs?: Date;
}

function readState(key: Key, { now, theirs = now }: Pick<Place, 'now' | 'theirs'>): TokenState {
  const revokedAt = toIsoTime(key.revoked_at);
  const isStillToCome = revokedAt !== undefined && Date.parse(revokedAt) > theirs.getTime() + CLOCKS_DIFFER_MS;
  // What ends only later works now, whatever has been accepted.
  if (key.revoked_at !== '' && !isStillToCome) return 'inactive';
  const expiresAt = toIsoTime(key.expires_at);
  return expiresAt !== undefined && Date.parse(expiresAt) <= now.getTime() ? 'expired' : 'active';
}

function readPermissions(key: Key): string[] {
  return cutPermissions(
    [
      key.access_scope,
      ...key.workspace_names.map((name) => `workspace ${name}`),
      ...[key.org_role_id, key.role_id].filter(Boolean).map((id) => `role ${id}`),
    ].filter(Boolean),
  );
}

/** Older servers leave fields out: `null` means never, and nothing at all tells nothing. */
function untoldIn(row: Readonly<Record<string, unknown>>): Pick<Token, 'untold'> {
  const untold = [
    'last_used_at' in row ? [] : (['lastUse'] as const),
    'expires_at' in row ? [] : (['expiry'] as const),
  ].flat();
  return untold.length === 0 ? {} : { untold };
}

/** Reads one key's row; `undefined` when it has no id. Whose it is, is decided over the whole list. */
export function readKey(json: unknown, place: Place): Token | undefined {
  const { data } = keySchema.safeParse(json);
  if (data === undefined) return undefined;
  const times = {
    createdAt: toIsoTime(data.created_at),
    lastUsedAt: toIsoTime(data.last_used_at),
    expiresAt: toIsoTime(data.expires_at),
    deactivatedAt: toIsoTime(data.revoked_at),
  };
  return {
    provider: 'langsmith',
    profile: place.profile,
    id: data.id.toLowerCase(),
    name: cleanName(data.description),
    kind: place.kind,
    state: readState(data, place),
    ...(data.created_by !== '' && { owner: { id: data.created_by } }),
    ...defined({ organizationId: place.organizationId }),
    permissions: readPermissions(data),
    ...untoldIn(json as Readonly<Record<string, unknown>>),
    ...Object.fromEntries(Object.entries(times).filter(([, time]) => time !== undefined)),
    ...(data.short_key !== '' && { shortKey: data.short_key }),
    own: false,
  };
}

/** True when a reply says that the token is revoked. */
export function isRevoked(json: unknown): boolean {
  const { data } = keySchema.safeParse(json);
  return data !== undefined && data.revoked_at !== '';
}

/** True for the 404 that newer servers give for an unknown token (RFC 7807), unlike FastAPI's for an unknown route. */
export function isProblemReply(json: unknown): boolean {
  return z.object({ title: z.string(), status: z.number() }).safeParse(json).success;
}
