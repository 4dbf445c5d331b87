import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { defined, given } from '#shared/core/defined.ts';

const maybe = (value: string | undefined): string | undefined => value;

describe('defined', () => {
  it('leaves out what is undefined and nothing else', () => {
    expect(defined({ a: 0, b: '', c: false, d: null, e: maybe(undefined) })).toStrictEqual({
      a: 0,
      b: '',
      c: false,
      d: null,
    });
  });
  it('gives a record that has no undefined member, and all others as they were', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.option(fc.anything(), { nil: undefined })), (fields) => {
        const kept: Record<string, unknown> = defined(fields);
        expect(Object.values(kept)).not.toContain(undefined);
        for (const [name, value] of Object.entries(fields)) {
          expect(Object.hasOwn(kept, name)).toBe(value !== undefined);
          if (value !== undefined) expect(kept[name]).toBe(value);
        }
      }),
    );
  });
  it('has the type of a record without undefined members', () => {
    const fields = defined({ kind: 'x', reason: maybe('r') });
    expectTypeOf(fields.kind).toEqualTypeOf<'x'>();
    expectTypeOf(fields).toExtend<{ kind: 'x'; reason?: string }>();
    // @ts-expect-error A member that may be absent is none that is there.
    const wrong: { reason: string } = fields;
    expect(wrong.reason).toBe('r');
  });
});

describe('given', () => {
  it('leaves out what says nothing', () => {
    expect(given({ a: '', b: null, c: undefined, d: 0, e: false, f: 'x' })).toStrictEqual({ d: 0, e: false, f: 'x' });
  });
});
