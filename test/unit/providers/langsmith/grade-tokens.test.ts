import { describe, expect, it } from 'vitest';
import { Secret } from '#shared/core/secret.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import type { Clue } from '#shared/providers/clue.ts';
import { gradeTokens } from '#shared/providers/langsmith/grade-tokens.ts';
import { markOwn } from '#shared/providers/langsmith/mark-own.ts';
import { recognise } from '#shared/providers/recognise.ts';
import { fingerprint, langsmithKey } from '#test/support/leaks.ts';

const KEY = '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';
const OWN_ID = '1f3a5b7c-9d0e-4f21-8a3b-5c7d9e0f1a2b';

let ids = 0;
const row = (shortKey: string, more: Partial<Token> = {}): Token => ({
  provider: 'langsmith',
  profile: 'p',
  id: `00000000-0000-4000-8000-${String((ids += 1)).padStart(12, '0')}`,
  name: '',
  kind: 'pat',
  state: 'active',
  permissions: [],
  shortKey,
  own: false,
  ...more,
});

type LangsmithClue = Extract<Clue, { form: 'langsmith' }>;
const clueOf = (key: string) => recognise(new Secret(key), fingerprint) as LangsmithClue;
const grades = (tokens: readonly Token[], clue = clueOf(KEY)) =>
  gradeTokens(tokens, clue, fingerprint).map(({ token, grade }) => [token, grade]);

describe('gradeLangsmith', () => {
  it('is exact where the key spells the row’s id, and its masked key does not say otherwise', () => {
    const right = row('***', { id: OWN_ID });
    expect(grades([row('lsv2_pt_1f3a…ed3e'), right])).toEqual([[right, 'exact']]);
  });

  it('calls a key forged that spells a row’s id while the masked key is another’s', () => {
    const victim = row('lsv2_pt_ffff…ffff', { id: OWN_ID });
    const [found] = gradeTokens([victim, row('lsv2_pt_1f3a…ed3e')], clueOf(KEY), fingerprint);
    expect(found).toMatchObject({ token: victim, grade: 'weak', contradicts: true });
    expect(found?.because).toEqual([{ kind: 'spells_another' }]);
  });

  it('is strong for the only row that shows enough matching characters', () => {
    const right = row('lsv2_pt_1f3a…ed3e');
    expect(grades([row('lsv2_pt_2f3a…ed3e'), right, row('***')])).toEqual([[right, 'strong']]);
  });

  it('wants more characters of a longer list', () => {
    const right = row('lsv2_pt_1f3a5b…');
    const many = Array.from({ length: 500 }, () => row('***'));
    expect(grades([right, ...many])).toEqual([[right, 'weak']]);
  });

  it('is weak where two rows match as well', () => {
    const [one, two] = [row('lsv2_pt_1f3a…'), row('lsv2_...ed3e')];
    expect(grades([one, two])).toEqual([
      [one, 'weak'],
      [two, 'weak'],
    ]);
  });

  it('is weak where few characters are shown', () => {
    const [one, two] = [row('lsv2_pt_1f3a…'), row('…ed3e')];
    expect(grades([one, two, row('lsv2_pt_')])).toEqual([
      [one, 'weak'],
      [two, 'weak'],
    ]);
  });

  it('is no match where less is shown than anybody would try out', () => {
    expect(grades([row('lsv2_pt_1f3…'), row('…3e')])).toEqual([]);
  });

  it('finds nothing where no row shows anything, or none matches', () => {
    expect(grades([row(''), row('***'), row('lsv2_pt_ffff…ffff')])).toEqual([]);
    expect(grades([])).toEqual([]);
  });

  it('compares personal tokens with personal tokens, and service keys with service keys', () => {
    const [pat, service] = [row('…cbed3e'), row('…cbed3e', { kind: 'service-key' })];
    expect(grades([pat, service])).toEqual([[pat, 'strong']]);
    expect(grades([pat, service], clueOf(KEY.replace('_pt_', '_sk_')))).toEqual([[service, 'strong']]);
  });

  it('takes no row id of a key in another form', () => {
    const odd = clueOf(`lsv2_pt_${'Zz9'.repeat(12)}_tail`);
    expect(odd).not.toHaveProperty('rowIdFingerprint');
    expect(gradeTokens([row('lsv2_pt_1f3a…')], odd, fingerprint)).toEqual([]);
  });
});

describe('markOwn', () => {
  const own = (tokens: readonly Token[], key = KEY) => markOwn(tokens, key).map((token) => token.own);

  it('knows the row whose id the key spells, and only that', () => {
    expect(own([row('lsv2_pt_1f3a…ed3e'), row('***', { id: OWN_ID })])).toEqual([false, true]);
  });

  it('knows the only row whose mask matches', () => {
    expect(own([row('lsv2_pt_1f3a…ed3e'), row('lsv2_pt_1f3b…ed3e'), row('***')])).toEqual([true, false, false]);
  });

  it('spares every row that matches as well', () => {
    expect(own([row('lsv2_pt_1f3a…'), row('…cbed3e'), row('lsv2_pt_2222…')])).toEqual([true, true, false]);
  });

  it('spares all that could be it where the masks show too little', () => {
    expect(own([row('lsv2_pt_…'), row('***'), row(''), row('lsv2_pt_2222…')])).toEqual([true, true, true, false]);
  });

  it('looks for a service key among service keys, and for a key of no known form among all', () => {
    const rows = [row('…cbed3e'), row('…cbed3e', { kind: 'service-key' })];
    expect(own(rows, KEY.replace('_pt_', '_sk_'))).toEqual([false, true]);
    expect(own(rows, 'self-hosted-66cbed3e')).toEqual([true, true]);
  });

  it('never spares a stranger’s token that plainly differs', () => {
    expect(own([row('lsv2_pt_ffff…ffff')], langsmithKey('pt', OWN_ID.replace('1f3a', '0000')))).toEqual([false]);
  });
});
