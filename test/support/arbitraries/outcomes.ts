import type fc from 'fast-check';
import type { Outcome } from '#shared/tokens/outcome.ts';
import { askingOutcomes } from './asking-outcomes.ts';
import { changeOutcomes } from './change-outcomes.ts';
import { otherOutcomes } from './other-outcomes.ts';
import { readingOutcomes } from './reading-outcomes.ts';

type Kinds = { readonly [K in Outcome['kind']]: fc.Arbitrary<Extract<Outcome, { kind: K }>> };

/** One arbitrary per kind of outcome; a new kind does not compile until it has one. */
export const outcomes: Kinds = {
  ...changeOutcomes,
  ...askingOutcomes,
  ...readingOutcomes,
  ...otherOutcomes,
};
