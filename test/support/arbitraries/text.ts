import fc from 'fast-check';
import { anyCharacter } from './any-character.ts';

/** Foreign text at its worst: pings, links, formatting, entities, direction marks, broken surrogates, great length. */
export const foreignText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '<!channel>',
        '<!here|x>',
        '<!everyone>',
        '<@U0EVIL00001>',
        '<#C0EVIL00001>',
        '<!subteam^S0EVIL00001>',
        '<https://evil.example|click me>',
        'https://evil.example/x',
        '`',
        '```',
        '*bold* _it_ ~no~',
        '&lt;!channel&gt;',
        '&amp;',
        '&',
        '<',
        '>',
        '|',
        '\u202Egnp.exe',
        '\u200B\u2066\u00AD',
        '\r\n> quote\n\n',
        '\t\0\u0007',
        '\uD83D',
        '\uDE00',
        '👩‍👩‍👧‍👦',
        'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢',
        ':fire:',
        '=HYPERLINK("https://evil.example")',
        'Ж漢字',
        'x'.repeat(4000),
        '<'.repeat(1500),
        '',
        ' ',
      ),
      fc.string(),
      fc.string({ unit: anyCharacter }),
    ),
    { maxLength: 4 },
  )
  .map((parts) => parts.join(''));

export const foreignId = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('to-1a2b3-c4d5e-f6a7b8c9d0e1f2', '3f0a1f0e-6a52-4f59-8c7e-0f6e0e5a9b10') },
  { weight: 1, arbitrary: foreignText.map((text) => text.slice(0, 64)) },
);

export const iso: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .date({ min: new Date('2015-01-01T00:00:00Z'), max: new Date('2035-01-01T00:00:00Z'), noInvalidDate: true })
      .map((date) => date.toISOString()),
  },
  { weight: 1, arbitrary: fc.constantFrom('', 'soon', '0000-00-00', '+275760-09-13T00:00:00.000Z', '<!channel>') },
);

export const profile = fc.constantFrom('dfns-demo', 'langsmith-demo', `p${'x'.repeat(62)}`, 'team.eu_1');

export const count = fc.integer({ min: 0, max: 100_000 });

export const hex64 = fc.constant('ab'.repeat(32));
