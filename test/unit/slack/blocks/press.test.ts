import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeCase,
  decodeClean,
  decodePage,
  decodeTokens,
  encodeCase,
  encodeClean,
  encodePage,
  encodeRow,
  encodeTokens,
} from '#shared/slack/blocks/press.ts';
import { listQuery } from '#test/support/arbitraries/list-query.ts';
import { foreignText } from '#test/support/arbitraries/text.ts';

const ids = fc.array(fc.string({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 60 });

describe('what a button carries', () => {
  it('gives a whole page of a list back, or is no button at all', () => {
    fc.assert(
      fc.property(listQuery, fc.nat(), fc.boolean(), (query, offset, isPrivate) => {
        const page = { query, offset, private: isPrivate };
        const value = encodePage(page);
        if (value === undefined) return;
        expect(value.length).toBeLessThanOrEqual(2000);
        expect(decodePage(value)).toEqual(page);
      }),
    );
  });

  it('holds a usual filter over ten profiles', () => {
    const profiles = Array.from({ length: 10 }, (_, index) => `team-profile-${index}`);
    expect(
      encodePage({ query: { profiles, name: 'ci-*', olderThanDays: 90, sort: 'age' }, offset: 9990, private: true }),
    ).toBeDefined();
  });

  it('gives tokens, clean-ups and case presses back', () => {
    fc.assert(
      fc.property(ids, fc.constantFrom('show', 'deactivate', 'activate', 'delete'), (tokens, verb) => {
        const value = encodeTokens({ verb, tokens });
        if (value !== undefined) expect(decodeTokens(value)).toEqual({ verb, tokens });
        const clean = encodeClean('expired', 'dfns-demo', tokens);
        if (clean === undefined) return;
        const refs = tokens.map((id) => `dfns-demo:${id}`);
        expect(decodeClean(clean)).toEqual({
          verb: 'delete',
          finding: 'expired',
          reason: 'hygiene report: expired',
          tokens: refs,
        });
      }),
    );
    const row = encodeRow('deactivate', { profile: 'dfns-demo', id: 'to-1a2b3' });
    expect(row).toBe('deactivate dfns-demo:to-1a2b3');
    expect(decodeTokens(row)).toEqual({ verb: 'deactivate', tokens: ['dfns-demo:to-1a2b3'] });
    const press = { case: 'C-ABCD2345', act: 'lever', lever: 'deactivate-user:us-1' } as const;
    expect(decodeCase(encodeCase(press))).toEqual(press);
  });

  it('holds a batch of twenty tokens with long ids', () => {
    const uuids = Array.from({ length: 20 }, () => '3f0a1f0e-6a52-4f59-8c7e-0f6e0e5a9b10');
    expect(encodeClean('unused', 'langsmith-demo', uuids)).toBeDefined();
  });

  it('offers no clean-up for a finding that needs thought', () => {
    expect(encodeClean('many_permissions', 'dfns-demo', ['to-1'])).toBeUndefined();
  });

  it('is nothing when it is forged, cut or of another release', () => {
    const readers = [decodePage, decodeTokens, decodeClean, decodeCase];
    for (const read of readers) {
      expect(read(undefined)).toBeUndefined();
      expect(read('')).toBeUndefined();
      expect(read('{"__proto__":{"v":1}}')).toBeUndefined();
      expect(read(`"${'x'.repeat(3000)}"`)).toBeUndefined();
      fc.assert(fc.property(foreignText, (text) => void read(text)));
      fc.assert(fc.property(fc.json(), (text) => void read(text)));
    }
    expect(decodePage('{"v":2,"o":0,"by":"age"}')).toBeUndefined();
    expect(decodePage('{"v":1,"o":-1,"by":"age"}')).toBeUndefined();
    expect(decodeTokens('{"verb":"deactivate","tokens":[]}')).toBeUndefined();
    expect(decodeTokens('{"verb":"deactivate","tokens":["a:b"],"rule":"admin"}')).toBeUndefined();
    expect(decodeCase('{"case":"C-ABCD2345","act":"approve"}')).toBeUndefined();
  });
});
