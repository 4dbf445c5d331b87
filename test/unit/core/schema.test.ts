import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import * as s from '#shared/core/schema.ts';

/** One schema, written twice: ours, and zod's as what is right. */
interface Pair {
  readonly ours: s.Schema<unknown>;
  readonly zods: z.ZodMiniType;
}

const pair = (ours: s.Schema<unknown>, zods: z.ZodMiniType): Pair => ({ ours, zods });
const ID = /^[A-Z0-9]{1,4}$/;

const leaf = fc.constantFrom<Pair>(
  pair(s.string, z.string()),
  pair(s.boolean, z.boolean()),
  pair(s.number, z.number()),
  pair(s.optional(s.unknown), z.optional(z.unknown())),
  pair(s.absent, z.optional(z.undefined())),
  pair(s.literal('a', 'b'), z.enum(['a', 'b'])),
  pair(s.literal(true), z.literal(true)),
  pair(s.matching(ID), z.string().check(z.regex(ID))),
  pair(s.atLeast(2), z.string().check(z.minLength(2))),
  pair(s.atLeast(1, s.trimmed), z.string().check(z.trim(), z.minLength(1))),
  pair(s.atMost(2), z.string().check(z.maxLength(2))),
  pair(s.url, z.url()),
  pair(
    s.refine(s.number, (number) => Number.isSafeInteger(number) && number > 0),
    z.int().check(z.positive(), z.maximum(Number.MAX_SAFE_INTEGER)),
  ),
  pair(
    s.map(s.string, (text) => text.length),
    z.pipe(
      z.string(),
      z.transform((text) => text.length),
    ),
  ),
);

/** Stands only directly in an object. */
const withDefault = ({ ours, zods }: Pair): Pair => pair(s.withDefault(ours, 'instead'), z._default(zods, 'instead'));

const objectOf = (fields: Readonly<Record<string, Pair>>): Pair => {
  const entries = Object.entries(fields);
  return pair(
    s.object(Object.fromEntries(entries.map(([name, { ours }]) => [name, ours]))),
    z.object(Object.fromEntries(entries.map(([name, { zods }]) => [name, zods]))),
  );
};

const { schema } = fc.letrec<{ schema: Pair }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    tie('schema').map(({ ours, zods }) => pair(s.optional(ours), z.optional(zods))),
    tie('schema').map(({ ours, zods }) => pair(s.nullish(ours), z.nullish(zods))),
    tie('schema').map(({ ours, zods }) => pair(s.lenient(ours), z.catch(z.nullish(zods), undefined))),
    fc
      .tuple(tie('schema'), fc.nat(2), fc.integer({ min: 2, max: 3 }))
      .map(([{ ours, zods }, least, most]) =>
        pair(s.array(ours, { least, most }), z.array(zods).check(z.minLength(least), z.maxLength(most))),
      ),
    tie('schema').map(({ ours, zods }) => pair(s.record(ours), z.record(z.string(), zods))),
    fc
      .tuple(tie('schema'), tie('schema'))
      .map(([one, other]) => pair(s.either(one.ours, other.ours), z.union([one.zods, other.zods]))),
    fc
      .dictionary(fc.constantFrom('a', 'b', 'c'), fc.oneof(tie('schema'), leaf.map(withDefault)), {
        maxKeys: 3,
        noNullPrototype: true,
      })
      .map(objectOf),
  ),
}));

const text = fc.constantFrom(
  '',
  ' ',
  'a',
  'b',
  'A1',
  'long',
  ' x ',
  '😀',
  '😀😀😀',
  '\ud83d',
  'https://a.example',
  'x:',
  'ht\ntp://a',
);
const names = fc.constantFrom('a', 'b', 'c', 'constructor', 'toString', '__proto__', '0');
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    text,
    fc.boolean(),
    fc.constantFrom<unknown>(0, 1, 1.5, -1, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, null, undefined),
    fc.array(tie('value'), { maxLength: 4 }),
    // By its entries, so that `__proto__` is a member like any other, as JSON.parse makes it.
    fc.uniqueArray(fc.tuple(names, tie('value')), { selector: ([name]) => name, maxLength: 5 }).map(Object.fromEntries),
  ),
}));

describe('a schema, with zod as what is right', () => {
  it('takes and refuses the same, and gives the same, whatever it is made of', () => {
    let taken = 0;
    fc.assert(
      fc.property(schema, value, ({ ours, zods }, given) => {
        const [ourParsed, zodParsed] = [ours.safeParse(given), zods.safeParse(given)];
        expect(ourParsed.success).toBe(zodParsed.success);
        if (ourParsed.success) taken += 1;
        expect(ourParsed.data).toEqual(zodParsed.data);
      }),
      { numRuns: 20_000 },
    );
    expect(taken).toBeGreaterThan(2000);
  });

  it('names where a value does not fit, as zod does', () => {
    const [ours, zods] = [
      s.object({ user: s.object({ id: s.string }), list: s.array(s.object({ n: s.number })), any: s.record(s.string) }),
      z.object({
        user: z.object({ id: z.string() }),
        list: z.array(z.object({ n: z.number() })),
        any: z.record(z.string(), z.string()),
      }),
    ];
    const paths = (error: { readonly issues: readonly { readonly path: readonly PropertyKey[] }[] } | undefined) =>
      error?.issues.map(({ path }) => path);
    for (const given of [
      {},
      1,
      { user: {}, list: [{ n: 1 }, { n: 'x' }, 2], any: { a: 1, b: 'b' } },
      { user: { id: 2 } },
    ]) {
      const [ourParsed, zodParsed] = [ours.safeParse(given), zods.safeParse(given)];
      expect(paths(ourParsed.success ? undefined : ourParsed.error)).toEqual(paths(zodParsed.error));
    }
  });

  it('changes nothing that it was given', () => {
    fc.assert(
      fc.property(schema, value, ({ ours }, given) => {
        const before = structuredClone(given);
        ours.safeParse(given);
        expect(given).toEqual(before);
      }),
    );
  });
});
