import fc from 'fast-check';
import type { Refusal } from '#shared/store/store.ts';
import { foreignText, profile } from './text.ts';
import { actor } from './token.ts';

export const refusal: fc.Arbitrary<Refusal> = fc.oneof(
  fc.record({ why: fc.constant('protected'), reason: foreignText }),
  fc.record({ why: fc.constant('own'), profile }),
  fc.record({ why: fc.constantFrom('no_right', 'overtaken', 'overruled', 'leaked') }),
  fc.record({ why: fc.constantFrom('brought_back', 'called_off'), by: actor }),
);
