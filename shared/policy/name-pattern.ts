import picomatch from 'picomatch';

/**
 * Tells whether a token's name fits a pattern, in any case: either it is the pattern, letter by letter, or it matches it as
 * a glob whose `*` stands for any text. Never throws for a pattern that is not empty.
 */
export function isNamed(pattern: string, name: string): boolean {
  if (pattern.toLowerCase() === name.toLowerCase()) return true;
  // `s`: a star also matches a line break in a foreign name; `i`: any case.
  return picomatch.isMatch(unpathed(name), unpathed(pattern), { bash: true, dot: true, flags: 'is' });
}

/** Names are no paths: a glob would let no star match `/../`, so the slash is taken for a letter that looks like it. */
function unpathed(text: string): string {
  return text.replaceAll('/', '\u2215');
}
