import fc from 'fast-check';
import type { ListQuery } from '#shared/tokens/command.ts';
import { foreignText, profile, count } from './text.ts';

export const listQuery: fc.Arbitrary<ListQuery> = fc.record(
  {
    profiles: fc.array(profile, { maxLength: 50 }),
    state: fc.constantFrom('active', 'inactive'),
    owner: foreignText,
    name: foreignText,
    olderThanDays: count,
    unusedDays: count,
    expiresWithinDays: count,
    noExpiry: fc.constant(true),
    sort: fc.constantFrom('age', 'name', 'used', 'expiry'),
  },
  { requiredKeys: ['profiles', 'sort'] },
);
