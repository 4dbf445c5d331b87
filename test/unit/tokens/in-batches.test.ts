import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { toBatches } from '#shared/tokens/in-batches.ts';

const tokens = fc
  .array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 40 })
  .map((profiles) => profiles.map((profile, index) => ({ profile, index })));

it('takes each token once, the first alone and then four at most', () => {
  fc.assert(
    fc.property(tokens, (all) => {
      const batches = toBatches(all);
      expect(batches.flat().toSorted((left, right) => left.index - right.index)).toEqual(all);
      expect(batches[0] ?? []).toEqual(all.slice(0, 1));
      for (const batch of batches.slice(1)) expect(batch.length).toBeLessThanOrEqual(4);
    }),
  );
});

it('parts the tokens of a profile only where they are more than four', () => {
  fc.assert(
    fc.property(tokens, (all) => {
      const later = toBatches(all).slice(1);
      for (const profile of ['a', 'b', 'c', 'd']) {
        const count = all.slice(1).filter((token) => token.profile === profile).length;
        const among = later.filter((batch) => batch.some((token) => token.profile === profile));
        expect(among).toHaveLength(Math.ceil(count / 4));
      }
    }),
  );
});
