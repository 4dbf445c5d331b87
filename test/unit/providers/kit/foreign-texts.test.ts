import { expect, it } from 'vitest';
import { readPat } from '#shared/providers/dfns/pat.ts';
import { readKey } from '#shared/providers/langsmith/read-key.ts';

const LONG = 'x'.repeat(100_000);
const MANY = Array.from({ length: 5_000 }, (_, index) => `${index} ${LONG.slice(0, 1_000)}`);
const ID = '0f6ef2c5-4e4e-4e8e-9e1e-2b6c1f0a9d3c';
const place = { profile: 'p', kind: 'pat', now: new Date(0) } as const;

const ROWS = [
  readPat({
    ...{ tokenId: 'to-1', isActive: true, name: LONG, credId: LONG, orgId: LONG, linkedUserId: LONG },
    ...{ dateCreated: LONG, permissionAssignments: MANY.map((permissionName) => ({ permissionName })) },
  }),
  readKey(
    {
      ...{ id: ID, short_key: LONG, description: LONG, created_at: LONG, created_by: LONG, access_scope: LONG },
      ...{ workspace_names: MANY, org_role_id: LONG, role_id: LONG, revoked_at: LONG },
    },
    place,
  ),
];

it.each(ROWS)('keeps of a row no more than can be kept of every token, and tells how much was left out', (row) => {
  expect(JSON.stringify(row).length).toBeLessThan(15_000);
  expect(row?.permissions).toHaveLength(50);
  expect(row?.permissions.at(-1)).toMatch(/^and \d{4} more$/);
});

it('reads a revocation whatever it says, for a cut text is none the less one', () => {
  expect(ROWS[1]).toMatchObject({ id: ID, state: 'inactive' });
});
