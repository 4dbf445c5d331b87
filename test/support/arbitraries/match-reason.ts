import fc from 'fast-check';
import type { MatchReason } from '#shared/providers/match-reason.ts';
import { count } from './text.ts';

export const because: fc.Arbitrary<readonly MatchReason[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constantFrom(
        ...(['named', 'own_credential', 'named_by_issuer', 'named_but_another', 'spells_id'] as const),
        ...(['masked_keys', 'spells_another'] as const),
        ...(['claims_agree', 'claims_fit_several', 'claims_half', 'claims_name', 'claims_only_active'] as const),
        ...(['claims_owner', 'claims_untold', 'several_profiles', 'refused_by_issuer'] as const),
      ),
    }),
    fc.record({ kind: fc.constant('masked_key'), characters: count }),
    fc.record({ kind: fc.constant('few_characters'), characters: count, among: count }),
    fc.record({ kind: fc.constant('proved'), by: fc.constantFrom('watched', 'issuer', 'scanner') }),
    fc.record({ kind: fc.constant('first_of'), count, kept: count }),
  ),
  { minLength: 1, maxLength: 3 },
);
