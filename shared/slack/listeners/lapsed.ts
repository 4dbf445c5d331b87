import type { Verb } from '#shared/core/vocabulary.ts';
import type { Answer } from './answer.ts';

/** Answers a button that Patrol did not make, or that this release does not understand any more. */
export function lapsed(verb: Verb): Answer {
  return { outcome: { kind: 'denied', verb, why: 'lapsed', roles: [] }, to: 'me' };
}
