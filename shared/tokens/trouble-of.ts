import { defined } from '#shared/core/defined.ts';
import { Fault } from '#shared/core/fault.ts';
import type { Outcome } from './outcome.ts';
import type { ProfileTrouble, Trouble } from './trouble.ts';
import type { Services } from './services.ts';

/** Turns a fault into what a person needs to know. Throws whatever is not a fault: that is a defect, not an ending. */
export function troubleOf(
  error: unknown,
  rest: Pick<Trouble, 'next' | 'attempt' | 'begun' | 'provider' | 'profile'>,
): Trouble {
  if (!(error instanceof Fault)) throw error;
  return { fault: error.code, ...rest, ...defined({ status: error.status, quoted: error.quoted }) };
}

/** The trouble of one profile that could not be read, where nothing is tried again by itself. */
export function profileTrouble(services: Services, profile: string, error: unknown): ProfileTrouble {
  const provider = services.providers.kindOf(profile);
  return {
    profile,
    trouble: troubleOf(error, { next: 'final', attempt: 1, profile, ...defined({ provider }) }),
  };
}

/** True for an ending that the queue shall try again; it is said now, and not remembered as the result. */
export function isRetrying(outcome: Outcome): outcome is Extract<Outcome, { trouble: Trouble }> {
  return (outcome.kind === 'failed' || outcome.kind === 'trouble') && outcome.trouble.next === 'retrying';
}
