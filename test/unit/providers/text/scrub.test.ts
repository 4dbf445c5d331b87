import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '#shared/core/secret.ts';
import { SEALED, scrub } from '#shared/providers/text/scrub.ts';
import { dfnsToken, fingerprint, langsmithKey, ourSecret, surroundingText } from '#test/support/leaks.ts';
import { dearness, LINEAR } from '#test/support/costs.ts';
import { anyCharacter } from '#test/support/arbitraries/any-character.ts';

const scrubText = (text: string, alsoHide: readonly Secret[] = []) => scrub(text, fingerprint, { secrets: alsoHide });

/** The pieces of a secret that would be worth having: every run of 16 of its characters. */
function piecesOf(secret: string): string[] {
  return Array.from({ length: secret.length - 15 }, (_, start) => secret.slice(start, start + 16));
}

function expectHidden(text: string, secret: string): void {
  const left = text.replaceAll(/[^A-Za-z0-9_.-]/g, '');
  expect(piecesOf(secret).filter((piece) => text.includes(piece) || left.includes(piece))).toEqual([]);
}

const gap = fc.constantFrom(
  '\n',
  '\r\n',
  ' ',
  '\n    ',
  '\n> ',
  '" +\n  "',
  '\\\n',
  '\\n',
  '=\n',
  '\u00a0',
  "'\n'",
  '%0A',
);
const invisible = fc.constantFrom('\u200b', '\u00ad', '\ufeff', '\u2060', '\u202e', '\u200d', '\u0000');

/** Puts something between the characters of a secret, at some places. */
const interrupted = (piece: fc.Arbitrary<string>, secret: fc.Arbitrary<string>, most: number) =>
  secret.chain((raw) =>
    fc
      .array(fc.tuple(fc.integer({ min: 1, max: raw.length - 1 }), piece), { minLength: 1, maxLength: most })
      .map((cuts) => {
        const sorted = cuts.toSorted((left, right) => right[0] - left[0]);
        return { raw, text: sorted.reduce((text, [at, what]) => text.slice(0, at) + what + text.slice(at), raw) };
      }),
  );

describe('scrub', () => {
  it('never lets a secret through, whatever stands around it', () => {
    fc.assert(
      fc.property(surroundingText, ourSecret, surroundingText, (before, secret, after) => {
        expectHidden(scrubText(before + secret + after).text, secret);
      }),
    );
  });

  it('gives the same clue whatever ordinary text stands around the secret', () => {
    fc.assert(
      fc.property(surroundingText, ourSecret, surroundingText, (before, secret, after) => {
        const { clues, unrecognised } = scrubText(`${before} ${secret} ${after}`);
        expect(clues).toHaveLength(1);
        expect(clues[0]).toMatchObject({ fingerprint: fingerprint(secret) });
        expect(unrecognised).toBe(0);
      }),
    );
  });

  it('hides a secret that is wrapped over lines, and still knows whose it is', () => {
    fc.assert(
      fc.property(interrupted(gap, ourSecret, 4), ({ raw, text }) => {
        const sealed = scrubText(`Leaked: ${text}; please look.`);
        expectHidden(sealed.text, raw);
        expect(sealed.text).toMatch(/^Leaked: .*; please look\.$/);
        expect(sealed.clues).toMatchObject([{ fingerprint: fingerprint(raw) }]);
      }),
    );
  });

  it('does not take a piece of a wrapped secret for the number of a line, where the rest would be too short', () => {
    fc.assert(
      fc.property(ourSecret, fc.nat(), fc.integer({ min: 1, max: 3 }), (raw, place, digits) => {
        const runs = [...raw.matchAll(/(?<=.{8})\d{1,6}(?=\w)/g)];
        const run = runs[place % Math.max(1, runs.length)];
        fc.pre(run !== undefined);
        const [from, length] = [run.index, Math.min(digits, run[0].length)];
        const text = `${raw.slice(0, from)}\n${raw.slice(from, from + length)} ${raw.slice(from + length)}`;
        const sealed = scrubText(`Leaked: ${text}; please look.`);
        expect(sealed.text).toBe(`Leaked: ${SEALED}; please look.`);
        expect(sealed.clues).toMatchObject([{ fingerprint: fingerprint(raw) }]);
      }),
    );
  });

  it('hides a secret with invisible characters in it, and still knows whose it is', () => {
    fc.assert(
      fc.property(interrupted(invisible, ourSecret, 20), ({ raw, text }) => {
        const sealed = scrubText(`(${text})`);
        expect(sealed.text).toBe(`(${SEALED})`);
        expect(sealed.clues).toMatchObject([{ fingerprint: fingerprint(raw) }]);
      }),
    );
  });

  it.each([
    [
      'percent-encoded',
      (secret: string) => secret.replaceAll('_', '%5F').replaceAll('.', '%2E').replaceAll('-', '%2d'),
    ],
    ['percent-encoded twice', (secret: string) => secret.replaceAll('_', '%255F').replaceAll('.', '%252E')],
    ['escaped for Markdown', (secret: string) => secret.replaceAll('_', '\\_').replaceAll('.', '\\.')],
    ['escaped for JSON', (secret: string) => secret.replaceAll('_', '\\u005f').replaceAll('.', '\\u002e')],
    ['with HTML entities', (secret: string) => secret.replaceAll('_', '&#95;').replaceAll('.', '&#x2e;')],
    ['in base64', (secret: string) => Buffer.from(secret).toString('base64').replace(/=+$/, '')],
    ['as a basic password', (secret: string) => Buffer.from(`me:${secret}`).toString('base64').replace(/=+$/, '')],
    ['in hex digits', (secret: string) => Buffer.from(secret).toString('hex')],
    ['in italics', (secret: string) => `_${secret}_`],
    ['in full-width letters', (secret: string) => secret.replaceAll('_', '\uff3f').replaceAll('e', '\uff45')],
  ])('recognises a secret %s', (_, disguise) => {
    for (const secret of [
      langsmithKey(),
      langsmithKey('sk'),
      dfnsToken(),
      dfnsToken({ alg: 'RS256', signatureBytes: 256 }),
    ]) {
      const sealed = scrubText(`key=${disguise(secret)}, gone`);
      expectHidden(sealed.text, secret);
      expect(sealed.clues).toMatchObject([{ fingerprint: fingerprint(secret) }]);
      expect(sealed.text).toMatch(/^key=_?\[sealed\]_?, gone$/);
    }
  });

  it('does not take a wrapped RSA signature for a shorter one', () => {
    const token = dfnsToken({ alg: 'RS256', signatureBytes: 384 });
    const at = token.lastIndexOf('.') + 1 + 342;
    const sealed = scrubText(`${token.slice(0, at)}\n${token.slice(at)} is leaked`);
    expect(sealed).toMatchObject({ text: `${SEALED} is leaked`, clues: [{ fingerprint: fingerprint(token) }] });
  });

  it('keeps the rest of the sentence, and the words that follow a wrapped token', () => {
    const token = dfnsToken();
    const wrapped = `${token.slice(0, 76)}\n${token.slice(76, 152)}\n${token.slice(152, 400)}\n${token.slice(400)}`;
    expect(scrubText(`found ${wrapped} please kill it`).text).toBe(`found ${SEALED} please kill it`);
  });

  it('tells several different secrets apart, and counts one that occurs twice as one', () => {
    const [key, token] = [langsmithKey(), dfnsToken()];
    const sealed = scrubText(`${key} and ${token}, again ${key}`);
    expect(sealed.text).toBe(`${SEALED} and ${SEALED}, again ${SEALED}`);
    expect(sealed.clues.map((clue) => clue.form)).toEqual(['langsmith', 'dfns']);
  });

  // Some are written in two halves, so that no scanner takes this file for a leak.
  it.each([
    ['another issuer’s JWT', dfnsToken({ claims: { iss: 'https://accounts.example.com' } })],
    ['a JWT without a payload we can read', `${dfnsToken().split('.')[0]}.${'A'.repeat(60)}.${'b'.repeat(86)}`],
    [
      'a JWT whose header tries to trip us',
      `${Buffer.from('{"alg":"constructor"}').toString('base64url')}.eyJhIjoxfQ.${'b'.repeat(43)}`,
    ],
    [
      'a JWT whose algorithm is an object',
      `${Buffer.from('{"alg":{"toString":1}}').toString('base64url')}.eyJhIjoxfQ.${'b'.repeat(43)}`,
    ],
    ['a private key', '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAA\n-----END PRIVATE KEY-----'],
    ['a private key on one line', '-----BEGIN EC PRIVATE KEY-----\\nMHcCAQEEIAAAAAAAAA\\n-----END EC PRIVATE KEY-----'],
    ['half a private key', '-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEAAAAAAAAA'],
    ['an old LangSmith key', `ls__${'0123456789abcdef'.repeat(2)}`],
    ['a Slack bot token', 'xox' + 'b-123456789012-1234567890123-abcdefABCDEF'],
    ['a Slack app token', 'xapp' + '-1-A0123456789-0123456789-abcdef'],
    ['a GitHub token', 'gh' + `p_${'a1B2'.repeat(9)}`],
    ['a fine-grained GitHub token', 'github' + `_pat_${'a1B2_'.repeat(9)}`],
    ['a GitLab token', 'glpat' + '-abcdefghij0123456789'],
    ['a webhook secret', 'whsec' + '_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    ['a LangSmith key without its prefix', langsmithKey().slice('lsv2_pt_'.length)],
    ['a fragment of a LangSmith key', langsmithKey().slice(0, 28)],
  ])('hides %s and counts it as unrecognised', (_, secret) => {
    const sealed = scrubText(`see ${secret}`);
    expect(sealed).toEqual({ text: `see ${SEALED}`, clues: [], unrecognised: 1 });
  });

  it.each([
    'deactivate to-202a0-cdo33-o65mbt6q758lvvnt laptop left in the cab',
    'langsmith-demo:7a7a7a7a-0001-4001-8001-7a7a7a7a7a7a',
    'the short key is lsv2_pt_1f3a…9c0d',
    'a key that starts with lsv2_pt_ was found in the repository of the backend team',
    'https://github.com/acme/api/blob/0123456789abcdef0123456789abcdef01234567/src/a.b.c.ts',
    'us-6b58p-r53sr-rlrd3l5cj3uc4ome. or-30tnh-itmjs-s235s5ontr3r23h2.',
    '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAJxDUPFBlXsppMrIt6KnNnvMGpy0Nmn8sZLLHT205X6I=\n-----END PUBLIC KEY-----',
    '',
  ])('leaves alone what is no secret: %s', (text) => {
    expect(scrubText(text)).toEqual({ text, clues: [], unrecognised: 0 });
  });

  it('also hides secrets that it is told of, in every spelling and line break', () => {
    const secret = new Secret('correct horse-battery_staple');
    const { text } = scrubText(
      'a correct horse-battery_staple, b correct%20horse%2Dbattery_staple, c correct\nhorse-battery_staple!',
      [secret],
    );
    expect(text).toBe(`a ${SEALED}, b ${SEALED}, c ${SEALED}!`);
  });

  it('hides a short secret without the blanks that it was given with', () => {
    expect(scrubText('password:hunter2.', [new Secret(' hunter2\n')]).text).toBe(`password:${SEALED}.`);
  });

  it('hides all of a known secret that only contains a token', () => {
    const known = `hunter2-and-${langsmithKey()}-and-more`;
    const sealed = scrubText(`login with ${known}.`, [new Secret(known)]);
    expect(sealed).toMatchObject({ text: `login with ${SEALED}.`, clues: [{ form: 'langsmith' }] });
  });

  it('is not torn to pieces by a known secret of one or two letters', () => {
    expect(scrubText('a sealed letter', [new Secret('e'), new Secret(''), new Secret('seal')]).text).toBe(
      'a sealed letter',
    );
  });

  it('hides nothing more when it is done again', () => {
    const anything = fc.oneof(
      fc.array(fc.oneof(surroundingText, ourSecret), { maxLength: 6 }).map((parts) => parts.join('')),
      interrupted(fc.oneof(gap, invisible), ourSecret, 6).map(({ text }) => text),
      fc.string({ unit: anyCharacter }),
    );
    fc.assert(
      fc.property(anything, fc.array(ourSecret, { maxLength: 1 }), (text, known) => {
        const hide = known.map((secret) => new Secret(secret));
        const once = scrubText(text, hide).text;
        expect(scrubText(once, hide)).toEqual({ text: once, clues: [], unrecognised: 0 });
      }),
    );
  });

  it('never throws, and changes nothing but what it hides', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 200 }), (text) => {
        const sealed = scrubText(text);
        if (sealed.unrecognised === 0 && sealed.clues.length === 0) expect(sealed.text).toBe(text);
      }),
    );
  });

  it.each([
    ['eyJ'],
    ['eyJhbGciOiJub25lIn0.'],
    ['eyJ.eyJ.'],
    ['a.'],
    ['lsv2_pt_'],
    ['lsv2_pt_0123456789abcdef '],
    ['-----BEGIN PRIVATE KEY'],
    ['-----BEGIN '],
    ['%25'],
    ['\\'],
    ['\u200b'],
    ['bHN2Ml9'],
    ['xoxb-'],
    ['= \n'],
    ['aaaaaaaaaaaaaaaaaaaaaaaa'],
  ])('takes as long for one text of %j as for its pieces', (unit) => {
    expect(dearness(scrubText, unit, 200_000)).toBeLessThan(LINEAR);
  });
});

describe('what is hidden because a caller knows it', () => {
  const hidden = (text: string, secret: string) => scrubText(text, [new Secret(secret)]).text;

  it.each([
    ['the whole of it, without the blanks around it', ' hunter2-hunter2 \n', 'it=hunter2-hunter2;', 'it=[sealed];'],
    ['one of four characters', 'ab_c', 'x ab_c y', 'x [sealed] y'],
    ['none of three', 'abc', 'x abc y', 'x abc y'],
    ['the value that is last, whatever closes it', 'password="Sommergarten-im"', 'x Sommergarten-im y', 'x [sealed] y'],
    ['a value of eight characters', 'pw="abcdefgh"', 'x abcdefgh y', 'x [sealed] y'],
    ['no value of seven', 'pw="abcdefg"', 'x abcdefg y', 'x abcdefg y'],
    ['a value with a digit in the middle', 'pw=abcdefg1 end-of-line', 'x abcdefg1 y', 'x [sealed] y'],
    ['no plain word in the middle', 'pw=ordinary end-of-line', 'x ordinary y', 'x ordinary y'],
    ['one of twelve characters over two lines', 'abcd_efgh_ij', 'x abcd_e\nfgh_ij y', 'x [sealed] y'],
    ['none of eleven over two lines', 'abcd_efgh_i', 'x abcd_e\nfgh_i y', 'x abcd_e\nfgh_i y'],
    ['no mark of the seal itself', 'sealed', 'x [sealed] y', 'x [sealed] y'],
  ])('is %s', (_what, secret, text, told) => {
    expect(hidden(text, secret)).toBe(told);
  });

  it('is the twenty longest values of a whole file', () => {
    const values = Array.from({ length: 25 }, (_, index) => `${'v'.repeat(10 + index)}1`);
    for (const given of [values, values.toReversed()]) {
      const file = given.map((value, index) => `K${index}=${value}`).join('\n');
      const left = values.filter((value) => hidden(`is ${value} there`, file) !== 'is [sealed] there');
      expect(left).toEqual(values.slice(0, 5));
    }
  });

  it('is counted only where it has a form, or was drawn', () => {
    const counted = (text: string, random: boolean) => scrub(text, fingerprint, { random }).unrecognised;
    const [first, second] = ['Xk29fLq0pZ84mNb7Rt51aW', 'Qm71vTs8bK35xJc2Yh90dE'];
    expect([counted(`${first} and ${second}`, true), counted(`${first} and ${second}`, false)]).toEqual([2, 0]);
    const ours = scrubText(`${langsmithKey()} and ${langsmithKey()}`);
    expect([ours.clues.length, ours.unrecognised]).toEqual([2, 0]);
    expect(scrubText(`x hunter2-hunter2 y`, [new Secret('hunter2-hunter2')]).unrecognised).toBe(0);
  });
});

describe('user and password of an address', () => {
  it.each([
    ['see http:anna:pw@h.example/x', 'see http:h.example/x'],
    ['see https:/anna:pw@h.example/x', 'see https:/h.example/x'],
    ['see anna:pw@tcp(h.example:3306)/db', 'see tcp(h.example:3306)/db'],
    ['"anna:pw@unix(/tmp/db)"', '"unix(/tmp/db)"'],
    ['anna:pw@tcp(h)', 'tcp(h)'],
    ['ftp://anna:1a/b@h.example/x', 'ftp://h.example/x'],
    ['ftp://anna:123456/b@h.example/x', 'ftp://h.example/x'],
  ])('are dropped from %s', (text, told) => {
    expect(scrubText(text).text).toBe(told);
  });

  it.each(['https://localhost:8443/@anna', 'https://localhost:1/@anna', 'https://localhost:65535?to=a@b.example'])(
    'are not what a port is: %s',
    (text) => {
      expect(scrubText(text).text).toBe(text);
    },
  );
});
