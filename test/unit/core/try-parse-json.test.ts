import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tryParseJson } from '#shared/core/try-parse-json.ts';

describe('tryParseJson', () => {
  it('reads every JSON text as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(tryParseJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });
  it.each(['', '{', 'undefined', "{'a':1}", '{"a":1}x'])('gives undefined for %j', (text) => {
    expect(tryParseJson(text)).toBeUndefined();
  });
});
