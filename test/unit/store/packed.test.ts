import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pack, unpack } from '#shared/store/dynamo/packed.ts';

describe('pack', () => {
  it('gives back whatever JSON can say', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(unpack(pack(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('keeps a value readable that is short, and compresses one that is long', () => {
    expect(pack({ a: 'ü' })).toBe('{"a":"ü"}');
    const long = Array.from({ length: 5_000 }, (_, index) => ({ id: `to-${index}`, name: 'ä' }));
    expect(pack(long)?.length).toBeLessThan(50_000);
    expect(pack(long)).not.toBeTypeOf('string');
    expect(unpack(pack(long))).toEqual(long);
  });

  it('leaves nothing as nothing', () => {
    expect(pack(undefined)).toBeUndefined();
    expect(unpack(undefined)).toBeUndefined();
  });

  it('refuses a value that no item can hold, and names no more than its size', () => {
    const huge = randomBytes(400_000).toString('base64');
    expect(() => pack(huge)).toThrow(/^config_invalid: a value of \d+ packed bytes is too large for one item$/);
  });
});
