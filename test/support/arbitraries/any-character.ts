import fc from 'fast-check';

/**
 * Any character of Unicode, as fast-check's own unit "binary" gives it; that one first lists all of them, which takes more
 * than a second in each process.
 */
export const anyCharacter: fc.Arbitrary<string> = fc
  .oneof(
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 0x7f }) },
    { weight: 2, arbitrary: fc.integer({ min: 0x80, max: 0xd7ff }) },
    { weight: 1, arbitrary: fc.integer({ min: 0xe000, max: 0x10ffff }) },
  )
  .map((point) => String.fromCodePoint(point));
