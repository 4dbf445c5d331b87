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
const signed = (action_id: string, value: string): string => signValues(key, button(action_id, value)).value;

describe('openPress', () => {
  it('gives back what was signed for the same action, and nothing that was not', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const sent = signed('patrol:undo', value);
        expect(openPress(key, { actionId: 'patrol:undo', value: sent })).toEqual({ actionId: 'patrol:undo', value });
        expect(openPress(key, { actionId: 'patrol:undo:7', value: sent }).value).toBe(value);
        for (const other of [value, `${value}~`, `x${sent}`, sent.slice(0, -1), `${value}~${'A'.repeat(16)}`])
          expect(openPress(key, { actionId: 'patrol:undo', value: other }).value).toBeUndefined();
      }),
    );
  });

  it.each([
    ['patrol:row', 'patrol:undo'],
    ['patrol:retry', 'patrol:undo'],
    ['patrol:case', 'patrol:modal:case'],
    ['patrol:modal:case', 'patrol:modal:break-glass'],
  ])('takes a value of %s for nothing at %s', (from, to) => {
    expect(openPress(key, { actionId: to, value: signed(from, '{"verb":"delete"}') }).value).toBeUndefined();
  });

  it('believes no other key, such as another stage’s', () => {
    const other = deriveKey('fingerprint-key-of-another-stage-0123', 'buttons');
    expect(openPress(other, { actionId: 'patrol:undo', value: signed('patrol:undo', 'x') }).value).toBeUndefined();
  });
});

describe('signValues', () => {
  it('signs buttons and options wherever they are, and leaves everything else as it is', () => {
    const option = { text: { type: 'plain_text', text: 'Delete' }, value: 'delete p:id' };
    const message = {
      text: 'words',
      blocks: [
        { type: 'section', text: { type: 'mrkdwn', text: 'words' }, accessory: button('patrol:case:undo', 'v') },
        { type: 'actions', elements: [{ type: 'overflow', action_id: 'patrol:row', options: [option] }] },
        { type: 'input', element: { type: 'static_select', action_id: 'reason', options: [option] } },
        { type: 'actions', elements: [{ type: 'button', action_id: 'link', url: 'https://example.org' }] },
      ],
    };
    const [first, second, third, fourth] = signValues(key, message).blocks;
    expect(openPress(key, { actionId: 'patrol:case', value: first?.accessory?.value }).value).toBe('v');
    const chosen = second?.elements?.[0] as { options: { value: string }[] };
    expect(openPress(key, { actionId: 'patrol:row', value: chosen.options[0]?.value }).value).toBe('delete p:id');
    expect([third, fourth]).toEqual(message.blocks.slice(2));
  });
});
