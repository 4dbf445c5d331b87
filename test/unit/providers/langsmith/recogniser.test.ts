import { describe, expect, it } from 'vitest';
import { recogniser, spellUuid } from '#shared/providers/langsmith/recogniser.ts';
import { findSecrets } from '#shared/providers/recognise.ts';
import { fingerprint, langsmithKey } from '#test/support/leaks.ts';

const HEX = '0123456789ab4cde8f0123456789abcd';
const END = '0a1b2c3d4e';
const KEY = `lsv2_pt_${HEX}_${END}`;
/** Name, place and canonical text of whatever is found. */
const found = (text: string) =>
  findSecrets(text).map(({ shape, start, end, secret }) => [shape, text.slice(start, end), secret.expose()]);

describe('what is looked for', () => {
  it.each([
    ['a key', KEY, KEY],
    ['a service key', KEY.replace('pt', 'sk'), KEY.replace('pt', 'sk')],
    ['a key in capitals', KEY.toUpperCase(), KEY],
    ['a key with a suffix', `${KEY}_backup_2`, KEY],
    ['a loose key', `lsv2_pt_${'Zz9'.repeat(6)}`, `lsv2_pt_${'Zz9'.repeat(6)}`],
    ['a loose key in a sentence’s capital', `Lsv2_Pt_${'Zz9'.repeat(6)}_More`, `lsv2_pt_${'Zz9'.repeat(6)}_More`],
    ['a key that goes on', `${KEY}f`, `${KEY}f`],
    ['a fragment of 16', 'lsv2_sk_0123456789abcdef', 'lsv2_sk_0123456789abcdef'],
  ])('is %s: all of it, in one spelling', (_what, text, secret) => {
    expect(found(`= ${text} ;`)).toEqual([['langsmith', text, secret]]);
  });

  it('is the body of a key without its prefix, by itself', () => {
    for (const text of [`${HEX}_${END}`, `${HEX}_${END}`.toUpperCase()]) {
      expect(found(`= ${text} ;`)).toEqual([['langsmith-body', text, text]]);
    }
  });

  it('is a key of the old form', () => {
    const old = `ls__${'aB3'.repeat(5)}x`;
    expect(found(`= ${old} ;`)).toEqual([['langsmith-legacy', old, old]]);
  });

  it.each([
    'lsv2_pt_0123456789abcde',
    `lsv2_xx_${HEX}`,
    `lsv3_pt_${HEX}`,
    `${HEX}_${END.slice(1)}`,
    `${HEX.slice(1)}_${END}`,
    `x${HEX}_${END}`,
    `Z${HEX}_${END}`,
    `9${HEX}_${END}`,
    `${HEX}_${END}x`,
    `${HEX}_${END}Z`,
    `${HEX.replace('0', 'g')}_${END}`,
    `ls__${'aB3'.repeat(5)}`,
    `ls_${'aB3'.repeat(6)}`,
  ])('is not %s', (text) => {
    expect(found(`= ${text} ;`)).toEqual([]);
  });

  it('is a key whose lines were wrapped, also where only its head is whole', () => {
    const wrap = (text: string, at: number) => `${text.slice(0, at)}\n  ${text.slice(at)}`;
    for (const at of [12, 30, 43]) {
      expect(findSecrets(`= ${wrap(KEY, at)}`).map(({ secret }) => secret.expose())).toEqual([KEY]);
    }
    const head = `lsv2_pt_${HEX}`;
    expect(findSecrets(`= ${wrap(head, 20)}`).map(({ secret }) => secret.expose())).toEqual([head]);
  });
});

describe('what is read of a key', () => {
  const read = (text: string, shape = 'langsmith') => recogniser.read({ shape, text }, fingerprint);

  it('is its kind and a fingerprint, and one of its row where it spells one', () => {
    expect(read(KEY)).toMatchObject({
      kind: 'pat',
      rowIdFingerprint: fingerprint('01234567-89ab-4cde-8f01-23456789abcd'),
      fingerprint: fingerprint(KEY),
    });
    expect(read(KEY.replace('pt', 'sk'))).toMatchObject({ kind: 'service-key' });
    for (const loose of [`lsv2_pt_${'Zz9'.repeat(11)}`, `lsv2_pt_x${HEX}`]) {
      expect(read(loose)).toMatchObject({ kind: 'pat', fingerprint: fingerprint(loose) });
      expect(read(loose)).not.toHaveProperty('rowIdFingerprint');
    }
    expect(read(`lsv2_pt_${HEX}`)).toHaveProperty('rowIdFingerprint');
    expect(read(`lsv2_pt_${HEX}abc`)).toHaveProperty('rowIdFingerprint', fingerprint(spellUuid(HEX)));
  });

  it.each([
    ['another shape', KEY, 'jwt'],
    ['a fragment', `lsv2_pt_${HEX.slice(1)}`, 'langsmith'],
    ['something before it', `x${KEY}`, 'langsmith'],
    ['something behind it', `${KEY}-x`, 'langsmith'],
    ['another type', KEY.replace('pt', 'xx'), 'langsmith'],
  ])('is nothing for %s', (_what, text, shape) => {
    expect(read(text, shape)).toBeUndefined();
  });

  it('is spelled as a row’s id', () => {
    expect(spellUuid(`${HEX}ffff`)).toBe('01234567-89ab-4cde-8f01-23456789abcd');
  });
});

it('is what scanners call by a name of LangSmith’s or LangChain’s', () => {
  const called = (name: string) => recogniser.scannersCallIt.some((expression) => expression.test(name));
  expect(['langsmith', 'langchainapikey', 'mylangsmithtoken'].map(called)).toEqual([true, true, true]);
  expect(['lang', 'smith', 'langfuse'].map(called)).toEqual([false, false, false]);
  expect(findSecrets(langsmithKey())).toHaveLength(1);
});
