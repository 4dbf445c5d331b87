import * as z from 'zod';
import { defined } from '#shared/core/defined.ts';
import { boolean, matching, object } from '#shared/core/schema.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import { cleanName } from '../kit/clean-name.ts';
import { cutPermissions, foreignList, foreignText, wholeText } from '../kit/foreign-texts.ts';
import { toIsoTime } from '../kit/to-iso-time.ts';
import { isTenant } from './is-tenant.ts';

/** What Dfns takes as one segment of a path (length: its OpenAPI). Nothing else ever gets into a URL. */
export const PATH_SEGMENT = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * The allow-list of a PAT object. Published samples break the published schema, so that only the essentials are required. By
 * our own schema: of a long list, zod's transforms leave more behind than there is in it.
 */
const patSchema = object({
  tokenId: matching(PATH_SEGMENT),
  isActive: boolean,
  name: wholeText,
  credId: foreignText,
  orgId: foreignText,
  linkedUserId: foreignText,
  dateCreated: foreignText,
  permissionAssignments: foreignList(object({ permissionName: foreignText })),
});

const listSchema = z.object({ items: z.array(z.unknown()) });

export const challengeSchema = z.object({
  challenge: z.string().min(1).max(4096),
  challengeIdentifier: z.string().min(1).max(16_384),
  allowCredentials: z.object({ key: z.array(z.object({ id: z.string().min(1).max(1024) })).catch([]) }),
});

/** A user action travels in a header. */
export const userActionSchema = z.object({ userAction: z.string().regex(/^[\x21-\x7e]{1,16384}$/) });

/** One PAT as Dfns tells it, before it is known whose it is. */
export interface Pat {
  readonly id: string;
  readonly name: string;
  readonly isActive: boolean;
  readonly credentialId: string;
  readonly organizationId: string;
  readonly userId: string;
  readonly permissions: readonly string[];
  readonly createdAt?: string;
}

/** Reads one PAT; `undefined` when it lacks its id or state. */
export function readPat(json: unknown): Pat | undefined {
  const { data } = patSchema.safeParse(json);
  if (data === undefined) return undefined;
  const createdAt = toIsoTime(data.dateCreated);
  return {
    id: data.tokenId,
    name: cleanName(data.name),
    isActive: data.isActive,
    credentialId: data.credId,
    organizationId: data.orgId,
    userId: data.linkedUserId,
    permissions: cutPermissions(data.permissionAssignments.map(({ permissionName }) => permissionName).filter(Boolean)),
    ...defined({ createdAt }),
  };
}

/** Reads a list of PATs and counts the rows that could not be read; `undefined` when it is no list at all. */
export function readPats(json: unknown): { readonly pats: readonly Pat[]; readonly unreadable: number } | undefined {
  const { success, data } = listSchema.safeParse(json);
  if (!success) return undefined;
  const pats = data.items.map(readPat).filter((pat) => pat !== undefined);
  return { pats, unreadable: data.items.length - pats.length };
}

/** What is known of a PAT besides what Dfns tells of it. */
interface Ownership {
  readonly profile: string;
  readonly own: boolean;
  /** What Dfns calls its user, where that is known. */
  readonly userName?: string;
}

/** What of a PAT becomes our `Token`; Dfns tells neither expiry nor last use. */
export function toToken(pat: Pat, { profile, own, userName }: Ownership): Token {
  return {
    provider: 'dfns',
    profile,
    id: pat.id,
    name: pat.name,
    kind: 'pat',
    state: pat.isActive ? 'active' : 'inactive',
    ...(pat.userId !== '' && { owner: { id: pat.userId, ...defined({ name: userName }) } }),
    // A tenant is no organisation: it neither agrees with one nor excludes it.
    ...(pat.organizationId !== '' && !isTenant(pat.organizationId) && { organizationId: pat.organizationId }),
    permissions: pat.permissions,
    ...defined({ createdAt: pat.createdAt }),
    own,
  };
}
