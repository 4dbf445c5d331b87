import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveKey } from '#shared/secrets/derive-key.ts';
import { openPress, signValues } from '#shared/slack/sign-values.ts';

const key = deriveKey('fingerprint-key-for-tests-0123456789', 'buttons');
const button = (action_id: string, value: string) => ({
  type: 'button',
  action_id,
  value,
  text: { type: 'plain_text' },
});
const bond = { place: '#C0SECURITY1', mark: 'mark--no-1' };
const signed = (action_id: string, value: string): string => signValues(key, button(action_id, value), bond).value;
const open = (by: Buffer, press: { actionId: string; value: string | undefined }) =>
  openPress(by, press, [bond.place]).press;

describe('openPress', () => {
  it('gives back what was signed for the same action, and nothing that was not', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const sent = signed('patrol:undo', value);
        expect(open(key, { actionId: 'patrol:undo', value: sent })).toEqual({ actionId: 'patrol:undo', value });
        expect(open(key, { actionId: 'patrol:undo:7', value: sent }).value).toBe(value);
        for (const other of [
          value,
          `${value}~`,
          `x${sent}`,
          sent.slice(0, -1),
          `${value}~mark--no-1~${'A'.repeat(16)}`,
        ])
          expect(open(key, { actionId: 'patrol:undo', value: other }).value).toBeUndefined();
      }),
    );
  });

  it.each([
    ['patrol:row', 'patrol:undo'],
    ['patrol:retry', 'patrol:undo'],
    ['patrol:case', 'patrol:modal:case'],
    ['patrol:modal:case', 'patrol:modal:break-glass'],
  ])('takes a value of %s for nothing at %s', (from, to) => {
    expect(open(key, { actionId: to, value: signed(from, '{"verb":"delete"}') }).value).toBeUndefined();
  });

  it('gives the mark of the message, which nobody can change, and nothing at another place', () => {
    const value = signed('patrol:undo', 'x');
    expect(openPress(key, { actionId: 'patrol:undo', value }, ['@U1', bond.place]).mark).toBe('mark--no-1');
    for (const moved of [openPress(key, { actionId: 'patrol:undo', value }, ['#C0GENERAL01'])])
      expect(moved).toEqual({ press: { actionId: 'patrol:undo', value: undefined } });
    const remarked = value.replace('mark--no-1', 'mark--no-2');
    expect(openPress(key, { actionId: 'patrol:undo', value: remarked }, [bond.place]).press.value).toBeUndefined();
  });

  it('believes no other key, such as another stage’s', () => {
    const other = deriveKey('fingerprint-key-of-another-stage-0123', 'buttons');
    expect(open(other, { actionId: 'patrol:undo', value: signed('patrol:undo', 'x') }).value).toBeUndefined();
  });
});

describe('signValues', () => {
  it.each(['overflow', 'static_select'])(
    'signs buttons and the options of %s wherever they are, and nothing else',
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
      const [first, second, third, fourth] = signValues(key, message, bond).blocks;
      expect(open(key, { actionId: 'patrol:case', value: first?.accessory?.value }).value).toBe('v');
      const chosen = second?.elements?.[0] as { options: { value: string }[] };
      expect(open(key, { actionId: 'patrol:row', value: chosen.options[0]?.value }).value).toBe('delete p:id');
      expect([third, fourth]).toEqual(message.blocks.slice(2));
    },
  );
});
