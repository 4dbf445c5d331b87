import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitsGlob } from '#shared/core/fits-glob.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
/** Few letters, so that globs and texts meet often. */
const glob = fc.string({ unit: fc.constantFrom('*', '?', 'a', 'b', '/'), maxLength: 8 });
const name = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 8 });

/** What a glob means, said in the plainest way there is. */
function means(pattern: string, value: string): boolean {
  if (pattern === '') return value === '';
  const [first, rest] = [pattern.slice(0, 1), pattern.slice(1)];
  if (first === '*') return means(rest, value) || (value !== '' && means(pattern, value.slice(1)));
  return value !== '' && (first === '?' || first === value[0]) && means(rest, value.slice(1));
}

describe('fitsGlob', () => {
  it.each([
    ['ci-*', 'CI-deploy', true],
    ['*', '', true],
    ['*', 'a/../.b\nc', true],
    ['?', '', false],
    ['?', '🔑', true],
    ['a?c', 'abc', true],
    ['*b*', 'a/b/c', true],
    ['*a', 'ab', false],
    ['[ab]', 'a', false],
    ['{a,b}', 'a', false],
    ['!(x)', '!(x)', true],
    ['\\*', 'a', false],
  ])('reads %j against %j as %s', (pattern, value, expected) => {
    expect(fitsGlob(pattern, value)).toBe(expected);
  });

  it('agrees with the plain meaning of star and question mark', () => {
    fc.assert(fc.property(glob, name, (pattern, value) => fitsGlob(pattern, value) === means(pattern, value)));
  });

  it('takes every text for itself, whatever it holds', () => {
    fc.assert(fc.property(text, (value) => fitsGlob(value, value)));
  });

  it('gives an answer to a glob that no backtracking matcher survives', () => {
    for (const stars of [12, 100, 400]) expect(fitsGlob(`${'*?'.repeat(stars)}~`, 'x'.repeat(1000))).toBe(false);
    expect(fitsGlob(`${'*a'.repeat(400)}~`, 'a'.repeat(1000))).toBe(false);
  });
});
