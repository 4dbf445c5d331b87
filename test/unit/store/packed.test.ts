import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pack, unpack } from '#shared/store/dynamo/packed.ts';
import { SHORTER, shorten } from '#shared/store/shorten.ts';

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

  it('keeps exactly 50 kB readable, and no byte more', () => {
    const text = 'x'.repeat(50_000 - 2);
    expect(pack(text)).toBeTypeOf('string');
    expect(pack(`${text}x`)).not.toBeTypeOf('string');
  });

  it('leaves nothing as nothing', () => {
    expect(pack(undefined)).toBeUndefined();
    expect(unpack(undefined)).toBeUndefined();
  });

  it('refuses a value that no item can hold, and names no more than its size', () => {
    const huge = randomBytes(400_000).toString('base64');
    expect(() => pack(huge)).toThrow(/^config_invalid: a value of \d+ packed bytes is too large for one item$/);
  });

  it('packs the first shorter form that fits, and refuses only where none does', () => {
    const huge = Array.from({ length: 40 }, () => randomBytes(20_000).toString('base64'));
    const cut = (characters: number) => (value: string[]) => shorten(value, { characters, items: 100 });
    const kept = unpack<string[]>(pack(huge, [cut(20_000), cut(100)]));
    expect(kept).toHaveLength(40);
    expect(kept?.[0]).toBe(`${huge[0]?.slice(0, 99)}…`);
    expect(() => pack(huge, [cut(20_000)])).toThrow('config_invalid');
  });
});

describe('what is put down about a change', () => {
  it('fits whatever is told of its token, and keeps ids and times', () => {
    const id = 'x'.repeat(99);
    const token = { id, permissions: Array.from({ length: 20_000 }, () => randomBytes(200).toString('hex')) };
    const kept = unpack<typeof token>(pack({ begun: token }, SHORTER)) as unknown as { begun: typeof token };
    expect(kept.begun.id).toBe(id);
    expect(kept.begun.permissions).toHaveLength(5);
  });
});

describe('shorten', () => {
  it('keeps a value as it is where nothing in it is too long, and well-formed text where something is', () => {
    const keep = { characters: 10, items: 3 };
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const shortened = shorten(value, keep);
        const isShort =
          JSON.stringify(shorten(value, { characters: 10_000, items: 10_000 })) === JSON.stringify(shortened);
        if (isShort) expect(shortened).toEqual(value);
        expect(JSON.stringify(shortened)).not.toMatch(/\\ud[89a-f]/i);
      }),
    );
    expect(shorten([1, 2, 3, 4], keep)).toEqual([2, 3, 4]);
    expect(shorten({ a: 'x'.repeat(11) }, keep)).toEqual({ a: `${'x'.repeat(9)}…` });
  });
});
