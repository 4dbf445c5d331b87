import { given } from '#shared/core/defined.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import { csvFile } from './csv-file.ts';

/** The columns of the CSV, in order; the JSON Lines have the same names. */
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

/** Writes a list of tokens as a file: one JSON object or one CSV row per token, same fields in both. */
export function tokenFile(tokens: readonly Token[], format: 'jsonl' | 'csv'): string {
  const rows = tokens.map(rowOf);
  return format === 'jsonl' ? rows.map((row) => `${JSON.stringify(row)}\n`).join('') : csvFile(rows, COLUMNS);
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
