import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hmacSha256 } from '#shared/core/hmac-sha256.ts';
import { LIMITS } from '#shared/slack/blocks/limits.ts';
import { fitsButton } from '#shared/slack/blocks/bricks.ts';
import { deriveButtonKeys } from '#shared/slack/derive-button-keys.ts';
import { type ButtonKeys, encryptValues, openPress } from '#shared/slack/encrypt-values.ts';
import { anyCharacter } from '#test/support/arbitraries/any-character.ts';

const keys = deriveButtonKeys('fingerprint-key-for-tests-0123456789');
const button = (action_id: string, value: string) => ({
  type: 'button',
  action_id,
  value,
  text: { type: 'plain_text' },
});
const bond = { place: '#C0SECURITY1', mark: 'mark--no-1' };
const sealed = (action_id: string, value: string): string => encryptValues(keys, button(action_id, value), bond).value;
const open = (by: ButtonKeys, press: { actionId: string; value: string | undefined }) =>
  openPress(by, press, [bond.place]).press;

describe('openPress', () => {
  it('gives back what was made for the same action, and nothing that was not', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const sent = sealed('patrol:undo', value);
        expect(open(keys, { actionId: 'patrol:undo', value: sent })).toEqual({ actionId: 'patrol:undo', value });
        expect(open(keys, { actionId: 'patrol:undo:7', value: sent }).value).toBe(value);
        for (const other of [
          value,
          `${value}~`,
          `x${sent}`,
          `${sent}A`,
          ...(value === '' ? [] : [sent.slice(0, -1), `${sent.slice(0, -1)}${sent.endsWith('A') ? 'w' : 'A'}`]),
          `~mark--no-1~${'A'.repeat(16)}~${Buffer.from(value).toString('base64url')}`,
        ])
          expect(open(keys, { actionId: 'patrol:undo', value: other }).value).toBeUndefined();
      }),
    );
  });

  it.each([
    ['patrol:row', 'patrol:undo'],
    ['patrol:retry', 'patrol:undo'],
    ['patrol:case', 'patrol:modal:case'],
    ['patrol:modal:case', 'patrol:modal:break-glass'],
  ])('takes a value of %s for nothing at %s', (from, to) => {
    expect(open(keys, { actionId: to, value: sealed(from, '{"verb":"delete"}') }).value).toBeUndefined();
  });

  it('gives the mark of the message, which nobody can change, and nothing at another place', () => {
    const value = sealed('patrol:undo', 'x');
    expect(openPress(keys, { actionId: 'patrol:undo', value }, ['@U1', bond.place]).mark).toBe('mark--no-1');
    for (const moved of [openPress(keys, { actionId: 'patrol:undo', value }, ['#C0GENERAL01'])])
      expect(moved).toEqual({ press: { actionId: 'patrol:undo', value: undefined } });
    const remarked = value.replace('mark--no-1', 'mark--no-2');
    expect(openPress(keys, { actionId: 'patrol:undo', value: remarked }, [bond.place]).press.value).toBeUndefined();
  });

  it('believes no other key, such as another stage’s', () => {
    const other = deriveButtonKeys('fingerprint-key-of-another-stage-0123');
    expect(open(other, { actionId: 'patrol:undo', value: sealed('patrol:undo', 'x') }).value).toBeUndefined();
  });
});

describe('a value of the release before, signed and readable,', () => {
  it('does nothing: it is answered like any button that is over', () => {
    const mac = (value: string) =>
      hmacSha256(keys.sign, `patrol:undo\n${bond.place}\n${bond.mark}\n`, value).subarray(0, 12).toString('base64url');
    fc.assert(
      fc.property(fc.string(), (value) => {
        const old = `${value}~${bond.mark}~${mac(value)}`;
        expect(open(keys, { actionId: 'patrol:undo', value: old }).value).toBeUndefined();
      }),
    );
  });
});

describe('encryptValues', () => {
  it.each(['overflow', 'static_select'])(
    'encrypts the values of buttons and the options of %s wherever they are, and nothing else',
    (menu) => {
      const option = { text: { type: 'plain_text', text: 'Delete' }, value: 'delete p:id' };
      const message = {
        text: 'words',
        blocks: [
          { type: 'section', text: { type: 'mrkdwn', text: 'words' }, accessory: button('patrol:case:undo', 'v') },
          { type: 'actions', elements: [{ type: menu, action_id: 'patrol:row', options: [option] }] },
          { type: 'input', element: { type: 'static_select', action_id: 'reason', options: [option] } },
          { type: 'actions', elements: [{ type: 'button', action_id: 'link', url: 'https://example.org' }] },
        ],
      };
      const [first, second, third, fourth] = encryptValues(keys, message, bond).blocks;
      expect(open(keys, { actionId: 'patrol:case', value: first?.accessory?.value }).value).toBe('v');
      const chosen = second?.elements?.[0] as { options: { value: string }[] };
      expect(open(keys, { actionId: 'patrol:row', value: chosen.options[0]?.value }).value).toBe('delete p:id');
      expect([third, fourth]).toEqual(message.blocks.slice(2));
    },
  );

  it('shows nothing of what a value says, and is within what Slack takes where the value fits', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6, unit: anyCharacter, maxLength: 1600 }), (value) => {
        fc.pre(fitsButton(value));
        const sent = sealed('patrol:undo', value);
        expect(sent.length).toBeLessThanOrEqual(2000);
        expect(sent).not.toContain(value);
        expect(sent).toMatch(/^~[\w-]{10}~[\w-]{16}~[\w-]+$/);
      }),
    );
    expect(sealed('patrol:undo', 'x'.repeat(LIMITS.buttonValue)).length).toBeLessThanOrEqual(2000);
    expect(sealed('patrol:row', 'x'.repeat(LIMITS.optionValue)).length).toBeLessThanOrEqual(150);
  });

  it('uses no counter twice: two values, places, messages or purposes have nothing in common', () => {
    const long = 'dfns-demo:to-1a2b3-c4d5e-f6a7b8c9d0e1f2';
    const hidden = (action: string, value: string, at = bond) =>
      Buffer.from(encryptValues(keys, button(action, value), at).value.split('~')[3] ?? '', 'base64url');
    const first = hidden('patrol:undo', long);
    for (const other of [
      hidden('patrol:undo', `${long.slice(0, -1)}3`),
      hidden('patrol:retry', long),
      hidden('patrol:undo', long, { ...bond, mark: 'mark--no-2' }),
      hidden('patrol:undo', long, { ...bond, place: '#C0GENERAL01' }),
    ])
      expect(other.subarray(0, 8)).not.toEqual(first.subarray(0, 8));
  });
});
