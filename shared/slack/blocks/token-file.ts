import { given } from '#shared/core/defined.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import { tableFile } from './table-file.ts';

const COLUMNS = [
  'profile',
  'provider',
  'id',
  'name',
  'kind',
  'state',
  'owner',
  'ownerName',
  'organization',
  'createdAt',
  'lastUsedAt',
  'expiresAt',
  'permissions',
  'own',
] as const;

/** Writes a list of tokens as a file, one row per token. */
export function tokenFile(tokens: readonly Token[], format: 'jsonl' | 'csv'): string {
  return tableFile(tokens.map(rowOf), { columns: COLUMNS, format });
}

function rowOf(token: Token): Partial<Record<(typeof COLUMNS)[number], string>> {
  const { profile, provider, id, name, kind, state, owner, own } = token;
  return {
    profile,
    provider,
    id,
    name,
    kind,
    state,
    ...given({
      owner: owner?.id,
      ownerName: owner?.name,
      organization: token.organizationId,
      createdAt: token.createdAt,
      lastUsedAt: token.lastUsedAt,
      expiresAt: token.expiresAt,
    }),
    permissions: token.permissions.join(' '),
    own: own ? 'yes' : 'no',
  };
}
