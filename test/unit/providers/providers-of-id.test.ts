import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PATH_SEGMENT } from '#shared/providers/dfns/pat.ts';
import { providersOfId, spellId } from '#shared/providers/providers-of-id.ts';
import { isTokenId } from '#shared/slack/grammar/read-token.ts';

const UUID = '7a7a7a7a-0001-4001-8001-7A7A7A7A7A7A';
const anId = fc.stringMatching(/^[Tt][Oo]-[A-Za-z0-9][A-Za-z0-9-]{2,60}$/);

describe('providersOf', () => {
  it.each([
    ['to-202a0-cdo33-o65mbt6q758lvvnt', ['dfns']],
    ['To-202a0-cdo33-o65mbt6q758lvvnt', ['dfns']],
    [UUID, ['langsmith']],
    ['to-do', []],
    ['laptop-anna', []],
    [`to-${'a'.repeat(62)}`, []],
    ['to-../..', []],
  ])('knows for %s: %j', (typed, names) => {
    // Whoever comes later may have ids of the same form.
    const known = ['dfns', 'langsmith'];
    expect(providersOfId(typed).filter((name) => known.includes(name))).toEqual(names);
  });

  it('takes for an id of Dfns only what may stand in a path, and exactly what the grammar takes for an id', () => {
    fc.assert(
      fc.property(fc.oneof(anId, fc.stringMatching(/^to-.{0,70}$/)), (typed) => {
        const isDfns = providersOfId(typed).length > 0;
        expect(isTokenId(typed)).toBe(isDfns);
        if (isDfns) expect(typed).toMatch(PATH_SEGMENT);
      }),
    );
  });
});

describe('spellId', () => {
  it('puts right what a phone makes capital, and is done then', () => {
    expect(spellId('To-202a0-abc')).toBe('to-202a0-abc');
    expect(spellId(UUID)).toBe(UUID.toLowerCase());
    expect(spellId('Laptop-Anna')).toBe('Laptop-Anna');
    fc.assert(
      fc.property(anId, (typed) => {
        expect(spellId(spellId(typed))).toBe(spellId(typed));
      }),
    );
  });
});
