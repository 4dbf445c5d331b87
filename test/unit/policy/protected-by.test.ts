import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { protectedBy } from '#shared/policy/protected-by.ts';
import { aPolicy } from './policies.ts';

const policy = aPolicy({
  protected: [
    { profile: 'one', name: 'break-glass-*', reason: 'emergency access' },
    { owner: 'anna@example.com', name: 'breaker-*', reason: 'of Anna' },
    { profile: 'two', id: 'To-1', reason: 'runs the release' },
    { profile: 'one', id: 'to-2', name: 'deploy (prod)', reason: 'runs production' },
  ],
});
const reason = (profile: string, id: string, name: string) => protectedBy(policy, { profile, id, name });

describe('protectedBy', () => {
  it('gives the reason by name pattern, in any case and across slashes, dots and line breaks', () => {
    for (const name of [
      'break-glass-1',
      'BREAK-GLASS-1',
      'break-glass-',
      'break-glass-a/b',
      'break-glass-.x',
      'break-glass-\nx',
    ]) {
      expect(reason('one', 'to-9', name)).toBe('emergency access');
    }
    for (const name of ['my-break-glass-1', 'break-glass', 'break_glass_1', ''])
      expect(reason('one', 'to-9', name)).toBeUndefined();
  });

  it('gives the reason by id through every profile: an id is one token', () => {
    expect(reason('two', 'to-1', '')).toBe('runs the release');
    expect(reason('two', 'TO-1', 'x')).toBe('runs the release');
    expect(reason('one', 'to-1', '')).toBe('runs the release');
    expect(reason('two', 'to-11', '')).toBeUndefined();
  });

  it('lets either the id or the name be enough, and takes a name also by its letters', () => {
    expect(reason('one', 'to-2', 'renamed')).toBe('runs production');
    expect(reason('one', 'to-3', 'Deploy (prod)')).toBe('runs production');
    expect(reason('two', 'to-3', 'deploy (prod)')).toBeUndefined();
  });

  it('protects any name that is written out, whatever characters it has, and never throws', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(text, text, (pattern, other) => {
        const one = aPolicy({ protected: [{ profile: 'one', name: `${pattern}-x`, reason: 'because' }] });
        expect(protectedBy(one, { profile: 'one', id: 'x', name: `${pattern}-x` })).toBe('because');
        protectedBy(one, { profile: 'one', id: 'x', name: other });
      }),
    );
  });

  it('lets a name pattern count only for its owner, where one is named', () => {
    const of = (owner: object | undefined) =>
      protectedBy(policy, { profile: 'two', id: 'x', name: 'breaker-1', ...(owner && { owner }) } as never);
    expect(of({ id: 'u-1', name: 'Anna@example.com' })).toBe('of Anna');
    expect(of({ id: 'mallory' })).toBeUndefined();
    expect(of(undefined)).toBeUndefined();
  });

  it('protects all that an owner has, where no name is given, and nobody else’s', () => {
    const one = aPolicy({ protected: [{ profile: 'one', owner: 'anna@example.com', reason: 'hers' }] });
    const of = (profile: string, id: string) => protectedBy(one, { profile, id: 'x', name: 'any', owner: { id } });
    expect(of('one', 'Anna@Example.com')).toBe('hers');
    expect(of('one', 'mallory@example.com')).toBeUndefined();
    expect(of('two', 'anna@example.com')).toBeUndefined();
  });

  it('matches a star against any text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: fc.constantFrom('.', '/', 'a', '\n') })),
        (rest) => {
          expect(reason('one', 'x', `break-glass-${rest}`)).toBe('emergency access');
        },
      ),
    );
  });
});
