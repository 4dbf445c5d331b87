import fc from 'fast-check';
import { FAULTS, type FaultCode } from '#shared/core/fault.ts';
import type { ProfileTrouble, Trouble } from '#shared/tokens/trouble.ts';
import { foreignText, profile } from './text.ts';

export const trouble: fc.Arbitrary<Trouble> = fc.record(
  {
    fault: fc.constantFrom(...(Object.keys(FAULTS) as FaultCode[])),
    provider: fc.constantFrom('dfns', 'langsmith'),
    profile,
    status: fc.integer({ min: 100, max: 599 }),
    quoted: foreignText,
    next: fc.constantFrom('retrying', 'given_up', 'final'),
    attempt: fc.integer({ min: 1, max: 20 }),
  },
  { requiredKeys: ['fault', 'next', 'attempt'] },
);

export const unread: fc.Arbitrary<ProfileTrouble[]> = fc.array(fc.record({ profile, trouble }), { maxLength: 60 });
