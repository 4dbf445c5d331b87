import fc from 'fast-check';
import { FAULTS, type FaultCode } from '#shared/core/fault.ts';
import type { ProfileTrouble, Trouble } from '#shared/tokens/trouble.ts';
import { foreignText, iso, profile } from './text.ts';
import { actor } from './token.ts';

/** Trouble as it comes, and as somebody gives up what it would else be tried again for. */
export const trouble: fc.Arbitrary<Trouble> = fc
  .tuple(
    fc.boolean(),
    actor,
    iso,
    fc.record(
      {
        fault: fc.constantFrom(...(Object.keys(FAULTS) as FaultCode[])),
        provider: fc.constantFrom('dfns', 'langsmith'),
        profile,
        status: fc.integer({ min: 100, max: 599 }),
        quoted: foreignText,
        next: fc.constantFrom('retrying', 'given_up', 'final'),
        attempt: fc.integer({ min: 1, max: 20 }),
        begun: fc.constant(true),
      },
      { requiredKeys: ['fault', 'next', 'attempt'] },
    ),
  )
  .map(([isCalledOff, by, at, one]): Trouble => {
    if (!isCalledOff) return one;
    // What had begun is read until it is known.
    return { ...one, next: one.begun === true ? one.next : 'final', calledOff: { by, at } };
  });

export const unread: fc.Arbitrary<ProfileTrouble[]> = fc.array(fc.record({ profile, trouble }), { maxLength: 60 });
