import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '#shared/core/secret.ts';
import { RECOGNISERS } from '#shared/providers/recognisers.ts';
import {
  findSecrets,
  mergeSpans,
  recognise,
  recogniseEach,
  separateSpans,
  type Span,
  SHORTEST_SECRET,
} from '#shared/providers/recognise.ts';
import type { Find } from '#shared/providers/text/shape.ts';
import { SHAPES } from '#shared/providers/text/shapes.ts';
import { readingsOf, unwrap } from '#shared/providers/text/unwrap.ts';
import { clueSchema } from '#shared/providers/clue.ts';
import { dfnsToken, fingerprint, langsmithKey, ourSecret } from '#test/support/leaks.ts';
import { shortestMatch } from '#test/support/shortest-match.ts';
import { anyCharacter } from '#test/support/arbitraries/any-character.ts';

const UUID = '0123456789ab-4cde-8f01-23456789abcd'.replace(/^(.{8})(.{4})/, '$1-$2');
const see = (text: string) => recognise(new Secret(text), fingerprint);

describe('recognise', () => {
  it('keeps of a LangSmith key its kind and keyed fingerprints, and none of its characters', () => {
    const key = 'lsv2_pt_0123456789ab4cde8f0123456789abcd_0a1b2c3d4e';
    const end = (text: string) => fingerprint(text).slice(0, 16);
    expect(see(key)).toEqual({
      form: 'langsmith',
      provider: 'langsmith',
      kind: 'pat',
      heads: ['0123', '01234', '012345', '0123456', '01234567'].map((shown) => end(`begins ${shown}`)),
      tails: ['3d4e', 'c3d4e', '2c3d4e', 'b2c3d4e', '1b2c3d4e'].map((shown) => end(`ends ${shown}`)),
      rowIdFingerprint: fingerprint(UUID),
      fingerprint: fingerprint(key),
    });
  });

  it('tells a service key from a personal token', () => {
    expect(see(langsmithKey('sk'))).toMatchObject({ kind: 'service-key' });
  });

  it('takes a key in the looser form of LangSmith’s own redactor, without guessing a row id', () => {
    const clue = see(`lsv2_pt_${'Zz9'.repeat(12)}_tail_more`);
    expect(clue).toMatchObject({ form: 'langsmith', kind: 'pat' });
    expect(clue).not.toHaveProperty('rowIdFingerprint');
    // One digit less than a row id has.
    expect(see(`lsv2_pt_${'0a1b'.repeat(8).slice(1)}Zz`)).not.toHaveProperty('rowIdFingerprint');
  });

  it('gives one fingerprint to one key, also in capitals and with a suffix behind it', () => {
    const key = langsmithKey();
    for (const spelling of [key.toUpperCase(), `L${key.slice(1)}`, `${key}_backup`]) {
      expect(see(spelling)).toMatchObject({ fingerprint: fingerprint(key) });
    }
  });

  it('does not show a whole key that is too short to be masked', () => {
    expect(see('lsv2_pt_0123456789abcdef')).toBeUndefined();
  });

  it('keeps of a Dfns token its untrusted claims and a fingerprint', () => {
    const token = dfnsToken();
    expect(see(token)).toEqual({
      form: 'dfns',
      provider: 'dfns',
      organizationId: 'or-30tnh-itmjs-s235s5ontr3r23h2',
      userId: 'us-6b58p-r53sr-rlrd3l5cj3uc4ome',
      issuedAt: 1_780_000_000,
      expiresAt: 1_843_072_000,
      fingerprint: fingerprint(token),
    });
  });

  it.each([
    [{ iss: 'auth.dfns.ninja' }, { form: 'dfns' }],
    [{ iss: 'https://auth.dfns.io' }, { form: 'dfns' }],
    [
      { iss: 'auth.dfns.uae.io', 'https://custom/app_metadata': undefined },
      { organizationId: 'or-30tnh-itmjs-s235s5ontr3r23h2' },
    ],
    [
      { 'https://custom/app_metadata': undefined, app_metadata: { orgId: 'or-a', userId: 'us-b' } },
      { organizationId: 'or-a', userId: 'us-b' },
    ],
    [{ app_metadata: { tokenId: 'to-202a0-cdo33-o65mbt6q758lvvnt' } }, { tokenId: 'to-202a0-cdo33-o65mbt6q758lvvnt' }],
    [{ iat: 1_780_000_000.9 }, { issuedAt: 1_780_000_000 }],
  ])('reads claims %j', (claims, expected) => {
    expect(see(dfnsToken({ claims }))).toMatchObject(expected);
  });

  it.each([
    [{ app_metadata: { tokenId: '../users' } }, 'tokenId'],
    [{ app_metadata: { tokenId: 'us-not-a-token' } }, 'tokenId'],
    [{ 'https://custom/app_metadata': { userId: 'us-1/../2', orgId: 'or-1' } }, 'userId'],
    [{ 'https://custom/app_metadata': { userId: 'x'.repeat(65), orgId: 'or-1' } }, 'userId'],
    [{ 'https://custom/app_metadata': { userId: ['us-1'], orgId: 'or-1' } }, 'userId'],
    [{ iat: '1780000000' }, 'issuedAt'],
    [{ iat: -1 }, 'issuedAt'],
    [{ exp: 1e300 }, 'expiresAt'],
  ])('leaves out what is no id and no time in %j', (claims, field) => {
    expect(see(dfnsToken({ claims }))).not.toHaveProperty(field);
  });

  it.each([
    ['another issuer', dfnsToken({ claims: { iss: 'https://accounts.example.com/auth.dfns.io' } })],
    ['no issuer', dfnsToken({ claims: { iss: undefined } })],
    ['an issuer that is no text', dfnsToken({ claims: { iss: { 0: 'auth.dfns.io' } } })],
    [
      'a payload that is a list',
      `eyJhbGciOiJFZERTQSJ9.${Buffer.from('[1,2,3,4,5,6,7]').toString('base64url')}.${'a'.repeat(86)}`,
    ],
    ['a private key', '-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----'],
    ['nothing', ''],
  ])('does not take %s for a token of ours', (_, text) => {
    expect(see(text)).toBeUndefined();
  });

  it('gives clues that fit the queue contract and hold no more of a secret than they may', () => {
    fc.assert(
      fc.property(ourSecret, (secret) => {
        const clue = see(secret);
        expect(clueSchema.parse(clue)).toEqual(clue);
        const text = JSON.stringify(clue);
        // A piece of the secret's own random part: the claims of a Dfns token are in the clue, as text.
        const drawn = secret.slice(secret.lastIndexOf('.') + 1).replace(/^lsv2_[a-z]{2}_/, '');
        const pieces = Array.from({ length: drawn.length - 7 }, (_, start) => drawn.slice(start, start + 8));
        expect(pieces.filter((piece) => text.includes(piece))).toEqual([]);
      }),
    );
  });

  it('never throws, whatever it is given', () => {
    const wild = fc.oneof(
      fc.string({ unit: anyCharacter, maxLength: 300 }),
      fc.tuple(fc.json(), fc.json()).map((parts) => {
        const [header, payload] = parts.map((part) => Buffer.from(part).toString('base64url'));
        return `${header}.${payload}.${'a'.repeat(86)}`;
      }),
      fc
        .record({
          iss: fc.constant('auth.dfns.io'),
          app_metadata: fc.jsonValue(),
          sub: fc.jsonValue(),
          iat: fc.jsonValue(),
        })
        .map((claims) => dfnsToken({ claims })),
    );
    fc.assert(
      fc.property(wild, (text) => {
        const clue = see(text);
        if (clue) expect(clueSchema.parse(clue)).toEqual(clue);
      }),
    );
  });
});

describe('findSecrets', () => {
  it('says where each secret stands, in order and without overlaps', () => {
    const [key, token] = [langsmithKey(), dfnsToken()];
    const text = `A=${key}\nB="${token}"\n`;
    const found = findSecrets(text);
    expect(found.map(({ shape, start, end }) => [shape, text.slice(start, end)])).toEqual([
      ['langsmith', key],
      ['jwt', token],
    ]);
  });

  it('counts what was put into a secret as part of it', () => {
    const key = langsmithKey();
    const text = `<${key.slice(0, 20)}\u200b${key.slice(20).replace('_', '%5F')}>`;
    expect(findSecrets(text)).toMatchObject([{ start: 1, end: text.length - 1 }]);
  });

  it('gives secrets that do not show when printed', () => {
    expect(JSON.stringify(findSecrets(langsmithKey()))).not.toContain('lsv2_');
  });
});

describe('of spans that overlap', () => {
  const span = (start: number, end: number, more: Partial<Span> = {}): Span => ({
    shape: 'some',
    start,
    end,
    text: 'x'.repeat(end - start),
    reading: 0,
    ...more,
  });
  /** Which of two that cover the same text is kept, whichever is given first. */
  const better = (one: Partial<Span>, other: Partial<Span>) => {
    const [left, right] = [span(0, 9, { shape: 'one', ...one }), span(0, 9, { shape: 'other', ...other })];
    const kept = [mergeSpans([left, right]), mergeSpans([right, left])].map((merged) =>
      merged.map(({ shape }) => shape),
    );
    expect(kept[0]).toEqual(kept[1]);
    return kept[0]?.join(' ');
  };

  it('those that only touch stay two, and all come in order', () => {
    const spans = [span(7, 9), span(0, 4), span(4, 6)];
    expect(mergeSpans(spans)).toEqual([spans[1], spans[2], spans[0]]);
  });

  it('one is made, which covers all of them', () => {
    const merged = mergeSpans([span(3, 9, { shape: 'long' }), span(0, 5), span(8, 10)]);
    expect(merged).toEqual([span(0, 10, { shape: 'long', text: 'x'.repeat(6) })]);
  });

  it('the longer secret counts in the text as it stands, and the wider span of equal ones', () => {
    expect(better({ text: 'longer' }, { text: 'short', whole: true })).toBe('one');
    expect(better({ text: 'longer' }, { text: 'short', whole: true, reading: 1 })).toBe('one');
    expect(better({ text: 'longer', reading: 2 }, { text: 'short', whole: true })).toBe('one');
    expect(better({ text: 'short', reading: 2 }, { text: 'longer' })).toBe('other');
    const [wide, narrow] = [span(0, 6, { text: 'same', shape: 'wide' }), span(0, 4, { text: 'same' })];
    for (const spans of [
      [wide, narrow],
      [narrow, wide],
    ])
      expect(mergeSpans(spans)).toEqual([wide]);
    const [first, second] = [span(0, 4, { text: 'same', shape: 'first' }), span(2, 6, { text: 'same' })];
    expect(mergeSpans([first, second])).toEqual([{ ...first, end: 6 }]);
  });

  it('of two readings of joined lines the whole secret counts, then the better reading', () => {
    expect(better({ text: 'whole', whole: true, reading: 1 }, { text: 'longer by far', reading: 2 })).toBe('one');
    expect(better({ text: 'whole', whole: true, reading: 2 }, { text: 'whole more', whole: true, reading: 1 })).toBe(
      'other',
    );
    expect(better({ text: 'short', reading: 2 }, { text: 'longer', reading: 1 })).toBe('one');
    expect(better({ text: 'short', reading: 2, whole: false }, { text: 'longer', reading: 1 })).toBe('one');
    expect(better({ text: 'short', reading: 1 }, { text: 'longer', reading: 1 })).toBe('other');
    expect(better({ text: 'same!', whole: true, reading: 1 }, { text: 'also.', whole: true, reading: 2 })).toBe(
      'other',
    );
  });
});

describe('a secret of ours that touches one of others', () => {
  type Place = readonly [start: number, end: number];
  const spanOf =
    (shape: string) =>
    ([start, end]: Place): Span => ({ shape, start, end, text: `${shape} ${'x'.repeat(end - start)}`, reading: 0 });
  const part = (others: readonly Place[], own: readonly Place[]) =>
    separateSpans([...others.map(spanOf('foreign')), ...own.map(spanOf('ours'))]).map(({ shape, text, start, end }) => {
      // The longer one gives its secret away to no piece of the other.
      expect(text.split(' ')[0]).toBe(shape);
      return [shape, start, end];
    });

  it.each<[string, Place[], Place[], unknown[]]>([
    [
      'within it leaves both ends of it',
      [[0, 9]],
      [[3, 5]],
      [
        ['foreign', 0, 3],
        ['ours', 3, 5],
        ['foreign', 5, 9],
      ],
    ],
    [
      'twice within it leaves three pieces',
      [[0, 9]],
      [
        [2, 3],
        [5, 7],
      ],
      [
        ['foreign', 0, 2],
        ['ours', 2, 3],
        ['foreign', 3, 5],
        ['ours', 5, 7],
        ['foreign', 7, 9],
      ],
    ],
    [
      'at its start leaves the rest',
      [[0, 9]],
      [[0, 4]],
      [
        ['ours', 0, 4],
        ['foreign', 4, 9],
      ],
    ],
    [
      'from before its start leaves the rest',
      [[2, 9]],
      [[0, 4]],
      [
        ['ours', 0, 4],
        ['foreign', 4, 9],
      ],
    ],
    [
      'to its end leaves what stands before',
      [[0, 9]],
      [[4, 9]],
      [
        ['foreign', 0, 4],
        ['ours', 4, 9],
      ],
    ],
    [
      'to beyond its end leaves what stands before',
      [[0, 9]],
      [[4, 12]],
      [
        ['foreign', 0, 4],
        ['ours', 4, 12],
      ],
    ],
    ['in all of it leaves nothing', [[2, 9]], [[2, 9]], [['ours', 2, 9]]],
    ['and more than all of it leaves nothing', [[2, 9]], [[0, 12]], [['ours', 0, 12]]],
    [
      'from one into the next is taken from both',
      [
        [0, 5],
        [5, 9],
      ],
      [[3, 7]],
      [
        ['foreign', 0, 3],
        ['ours', 3, 7],
        ['foreign', 7, 9],
      ],
    ],
    [
      'only in the second leaves the first whole',
      [
        [0, 5],
        [10, 20],
      ],
      [[12, 14]],
      [
        ['foreign', 0, 5],
        ['foreign', 10, 12],
        ['ours', 12, 14],
        ['foreign', 14, 20],
      ],
    ],
    [
      'in each is taken from each',
      [
        [0, 5],
        [10, 20],
      ],
      [
        [1, 2],
        [12, 14],
      ],
      [
        ['foreign', 0, 1],
        ['ours', 1, 2],
        ['foreign', 2, 5],
        ['foreign', 10, 12],
        ['ours', 12, 14],
        ['foreign', 14, 20],
      ],
    ],
    [
      'nowhere leaves all as it is',
      [[8, 9]],
      [
        [0, 4],
        [10, 12],
      ],
      [
        ['ours', 0, 4],
        ['foreign', 8, 9],
        ['ours', 10, 12],
      ],
    ],
  ])('%s', (_, others, own, expected) => {
    expect(part(others, own)).toEqual(expected);
  });

  it('is as it would be alone, and every place of any secret is of just one', () => {
    const place = fc
      .tuple(fc.nat({ max: 30 }), fc.integer({ min: 1, max: 9 }))
      .map(([at, size]): Place => [at, at + size]);
    const places = fc.array(place, { maxLength: 6 });
    const covered = (all: readonly Place[]) =>
      all.flatMap(([start, end]) => Array.from({ length: end - start }, (_, index) => start + index));
    fc.assert(
      fc.property(places, places, (others, own) => {
        const parts = part(others, own);
        const ours = parts.filter(([shape]) => shape === 'ours').map(([, start, end]) => [start, end]);
        expect(ours).toEqual(mergeSpans(own.map(spanOf('ours'))).map(({ start, end }) => [start, end]));
        const all = covered(parts.map(([, start, end]) => [start, end] as Place));
        expect(all).toEqual([...new Set(covered([...others, ...own]))].toSorted((left, right) => left - right));
        for (const [, start, end] of parts) expect(Number(end)).toBeGreaterThan(Number(start));
      }),
    );
  });
});

describe('what was encoded', () => {
  it('is found up to three times one upon the other, and not deeper', () => {
    const key = langsmithKey();
    const encoded = (times: number): string => (times === 0 ? key : Buffer.from(encoded(times - 1)).toString('base64'));
    const seen = (times: number) => findSecrets(encoded(times)).some(({ secret }) => secret.expose() === key);
    expect([0, 1, 2, 3, 4].map(seen)).toEqual([true, true, true, true, false]);
  });
});

it('recognises ours behind a secret of others, and tells of each what it is', () => {
  const key = langsmithKey();
  // In halves, so that no scanner takes this file for a leak.
  const text = `${'np' + `m_${'aB3'.repeat(12)}`} and ${key}`;
  const clue = { fingerprint: fingerprint(key) };
  expect(see(text)).toMatchObject(clue);
  const [others, ours, ...more] = recogniseEach(new Secret(text), fingerprint);
  expect([others, more]).toEqual([undefined, []]);
  expect(ours).toMatchObject(clue);
});

describe('Dfns’ recogniser', () => {
  it('reads JWTs alone, and is meant by its name', () => {
    const token = dfnsToken();
    expect(RECOGNISERS.dfns.read({ shape: 'jwt', text: token }, fingerprint)).toMatchObject({ form: 'dfns' });
    expect(RECOGNISERS.dfns.read({ shape: 'other', text: token }, fingerprint)).toBeUndefined();
    expect(RECOGNISERS.dfns.scannersCallIt.some((expression) => expression.test('dfnsapitoken'))).toBe(true);
  });
});

describe('the shortest secret', () => {
  const shapes = [...Object.values(RECOGNISERS).flatMap((recogniser) => recogniser.shapes), ...SHAPES];
  /** The shortest that a shape finds which no single expression says; the test below looks for a shorter one. */
  const WITNESSES: Readonly<Record<string, string>> = { jwt: 'eyJ0000000.ey', 'private-key': '----BEGIN PRIVATE KEY' };
  const finders = shapes.flatMap(({ name, unwrapped, joined }) =>
    [unwrapped, ...(joined === undefined ? [] : [joined])].map((find) => ({ name, find })),
  );
  const shortestOf = ({ name, find }: { readonly name: string; readonly find: Find }): number =>
    find.expression === undefined ? (WITNESSES[name]?.length ?? 0) : shortestMatch(find.expression);

  it('is the shortest match of all shapes', () => {
    expect(Math.min(...finders.map(shortestOf))).toBe(SHORTEST_SECRET);
  });

  it.each(Object.entries(WITNESSES))('is known of a shape that no single expression says: %s', (name, witness) => {
    const { find } = finders.find((each) => each.name === name)!;
    expect(find.expression).toBeUndefined();
    expect(find(unwrap(witness))).toMatchObject([{ start: 0, end: witness.length }]);
    expect(findSecrets(witness)).toHaveLength(1);
    const piece = fc.constantFrom(
      ...witness.match(/ey[JAw]?|[A-Z]+ ?|-+|./g)!,
      'eyA',
      'ewo',
      'e30',
      'Q',
      '-',
      '.',
      '_',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: witness.length }), (pieces) => {
        const text = pieces.join('').slice(0, witness.length - 1);
        expect(find(unwrap(text))).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it('is told of an expression as it is written', () => {
    const told = [/a|bc/, /x(?:y|zz)?[a\]b]{3,}\b/, /(?<=long)d+e*\.{2}/, /(?<![A-Z])(?:AK|B)\d{4,9}?$/].map(
      shortestMatch,
    );
    expect(told).toEqual([1, 4, 3, 5]);
    expect(() => shortestMatch(/a{2}(?:b|\p{L})/u)).toThrow('cannot read');
  });

  it('stands in no shorter text: no disguise of plain characters is shorter than what it stands for', () => {
    const escape = fc.constantFrom(
      '%5f',
      '\\u005f',
      '\\x41',
      '&#65;',
      '&lowbar;',
      '\\n',
      '\\',
      '&',
      '%25',
      '*',
      '0x',
      '\u001b[',
    );
    const plain = fc.array(fc.oneof(escape, fc.string({ unit: 'grapheme-ascii', maxLength: 4 })), { maxLength: 12 });
    fc.assert(
      fc.property(plain, (pieces) => {
        const text = pieces.join('');
        const views = Object.values(readingsOf(text)).flat();
        expect(Math.max(...views.map((view) => view.text.length))).toBeLessThanOrEqual(text.length);
      }),
    );
  });

  it('is looked for in a shorter text of letters that stand for several', () => {
    expect(findSecrets('xapp-\u2121\u2121\ufb03\ufb03')).toHaveLength(1);
    // Also where none of them is plain.
    expect(findSecrets('\uff58\uff41\uff50\uff50\uff0d\u2121\u2121\ufb03\ufb03')).toHaveLength(1);
  });
});
