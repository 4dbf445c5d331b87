import { describe, expect, it } from 'vitest';
import { distinctClues, sealPayload } from '#shared/slack/seal-payload.ts';
import { fingerprint, langsmithKey } from '#test/support/leaks.ts';
import '#test/support/contain-no-secret.ts';

describe('sealPayload', () => {
  it('replaces every secret in every text, however deep, and leaves everything else as it is', () => {
    const [one, other] = [langsmithKey('pt'), langsmithKey('sk')];
    const payload = {
      text: `it is ${one}`,
      deep: [{ value: other, count: 3, on: true, none: null }, [one, 'words']],
      nothing: undefined,
    };
    const sealed = sealPayload(payload, fingerprint);
    expect(sealed.payload).toEqual({
      text: 'it is [sealed]',
      deep: [{ value: '[sealed]', count: 3, on: true, none: null }, ['[sealed]', 'words']],
      nothing: undefined,
    });
    expect(sealed.clues).toMatchObject([{ fingerprint: fingerprint(other) }, { fingerprint: fingerprint(one) }]);
    expect(sealed.unrecognised).toBe(0);
    expect(sealed).toContainNoSecret([one, other]);
  });

  it('counts what nobody of ours issued', () => {
    // In halves, so that no scanner takes this file for a leak.
    const foreign = 'np' + `m_${'aB3'.repeat(12)}`;
    expect(sealPayload({ a: foreign, b: [foreign] }, fingerprint)).toMatchObject({ clues: [], unrecognised: 2 });
  });

  it.each(['response_url', 'trigger_id', 'hash'])(
    'leaves Slack’s own %s alone, and nothing of another name',
    (name) => {
      const key = langsmithKey();
      expect(sealPayload({ deep: { [name]: key } }, fingerprint)).toEqual({
        payload: { deep: { [name]: key } },
        clues: [],
        unrecognised: 0,
      });
      expect(sealPayload({ [`${name}s`]: key }, fingerprint).payload).toEqual({ [`${name}s`]: '[sealed]' });
      // Under such a name, an object is no handle: its texts have names of their own.
      expect(sealPayload({ [name]: { text: key } }, fingerprint).payload).toEqual({ [name]: { text: '[sealed]' } });
    },
  );
});

it('drops clues that mean the same secret', () => {
  const key = langsmithKey();
  expect(sealPayload({ a: key }, fingerprint).clues).toMatchObject([{ fingerprint: fingerprint(key) }]);
  const { clues } = sealPayload({ a: key, b: `${langsmithKey()} ${key}` }, fingerprint);
  expect(clues).toHaveLength(2);
  expect(distinctClues([...clues, ...clues])).toEqual(clues);
});

const OURS = `~aaaaaaaaaa~bbbbbbbbbbbbbbbb~${'gh' + 'p_'}${'a1B2c3D4e5'.repeat(3)}f6G7h8`;

it.each([
  ['a button', { type: 'button', value: OURS }],
  ['a menu', { type: 'static_select', selected_option: { text: { text: 'twin' }, value: OURS } }],
  ['what else could be chosen', { type: 'overflow', options: [{ text: { text: 'twin' }, value: OURS }] }],
])('leaves what we have encrypted into %s as it is, whatever it looks like', (_, action) => {
  const { payload, clues, unrecognised } = sealPayload({ actions: [action] }, () => 'f');
  expect([payload, clues, unrecognised]).toEqual([{ actions: [action] }, [], 0]);
});

it.each([
  ['what a person has typed', { type: 'plain_text_input', value: OURS }],
  ['the words of a button', { type: 'button', text: { type: 'plain_text', text: OURS } }],
  ['what is no value of ours', { type: 'button', value: OURS.slice(1) }],
  ['what is no value at all', { type: 'button', action_id: OURS }],
  ['more than one value', { type: 'button', value: [OURS] }],
  ['a value beside a menu', { type: 'static_select', other: { value: OURS } }],
  ['what could be chosen where nothing can be pressed', { type: 'plain_text_input', options: [{ value: OURS }] }],
])('seals %s that looks so', (_, action) => {
  expect(JSON.stringify(sealPayload({ actions: [action] }, () => 'f').payload)).not.toContain(OURS.slice(30));
});
