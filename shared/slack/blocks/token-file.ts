import { stringify } from 'csv-stringify/sync';
import { given } from '#shared/core/defined.ts';
import type { Token } from '#shared/core/vocabulary.ts';

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

/**
 * Writes a list of tokens as a file, one row each. In the CSV a cell that a spreadsheet would take for a formula is preceded
 * by an apostrophe. Lines end with a line feed.
 */
export function tokenFile(tokens: readonly Token[], format: 'jsonl' | 'csv'): string {
  const rows = tokens.map(rowOf);
  if (format === 'jsonl') return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  return stringify(rows, { header: true, columns: [...COLUMNS], escape_formulas: true, record_delimiter: 'unix' });
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
