import fc from 'fast-check';
import type { Right } from '#shared/policy/rights.ts';
import { profile } from './text.ts';
import { verb } from './token.ts';

export const right: fc.Arbitrary<Right> = fc.record(
  {
    verb,
    profiles: fc.oneof(fc.constant<'*'>('*'), fc.array(profile, { maxLength: 20 })),
    channels: fc.oneof(fc.constant<'*'>('*'), fc.array(fc.constant('C0SECURITY1'), { maxLength: 20 })),
    role: fc.constantFrom('admin', 'operator'),
    approval: fc.constant('needs 1 approval by approver, admin'),
  },
  { requiredKeys: ['verb', 'profiles', 'channels', 'role'] },
);
