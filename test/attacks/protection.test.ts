import { expect } from 'vitest';
import { protectedBy } from '#shared/policy/protected-by.ts';
import { attack } from '#test/support/attack.ts';
import { aPolicy } from '#test/unit/policy/policies.ts';

attack(
  {
    name: 'protected-by-another-profile',
    finding: 23,
    does: 'asks for a token that is protected by its id in one profile, through another profile that sees it too',
    holds: 'it is protected there as well: an id is one token',
    without: [
      {
        file: 'shared/policy/protected-by.ts',
        replace: '(id !== undefined && id.toLowerCase()',
        by: "(id !== undefined && (profile === '*' || profile === token.profile) && id.toLowerCase()",
      },
    ],
  },
  () => {
    const policy = aPolicy({ protected: [{ profile: 'one', id: 'to-1', reason: 'emergency access' }] });
    expect(protectedBy(policy, { profile: 'two', id: 'to-1', name: '' })).toBe('emergency access');
  },
);
