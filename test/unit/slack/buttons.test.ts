import { describe, expect, it } from 'vitest';
import { deriveButtonKeys } from '#shared/slack/derive-button-keys.ts';
import { createButtons } from '#shared/slack/buttons.ts';
import { createMemoryStore } from '#test/support/memory-store.ts';

const actionId = 'patrol:case:deactivate';
const button = { type: 'button', action_id: actionId, value: 'v' };

function makeButtons() {
  const { notes } = createMemoryStore();
  let ids = 0;
  const keys = deriveButtonKeys('fingerprint-key-for-tests-0123456789');
  return createButtons({ keys, notes, newId: () => `id-${(ids += 1)}-long-enough` });
}

describe('a button', () => {
  const userId = 'U0ADMIN0001';
  const here = { userId, channel: 'C0SECURITY1', ts: '1.1' };

  it('that was posted works in its message, for everybody, and in no other message or channel', async () => {
    const buttons = makeButtons();
    const { message, bind } = buttons.forPost('C0SECURITY1', button);
    await bind('1.1');
    const open = async (at: object) =>
      (await buttons.open({ actionId, value: message.value }, { ...here, ...at })).value;
    expect(await open({})).toBe('v');
    expect(await open({ userId: 'U0VIEWER001' })).toBe('v');
    for (const elsewhere of [{ ts: '1.2' }, { channel: 'C0GENERAL01' }, { viewId: 'V1' }, { ts: undefined }])
      expect(await open(elsewhere)).toBeUndefined();
  });

  it('whose message Slack did not name belongs to the message in which it is pressed first', async () => {
    const buttons = makeButtons();
    const { message } = buttons.forPost('C0SECURITY1', button);
    const open = async (ts: string) => (await buttons.open({ actionId, value: message.value }, { ...here, ts })).value;
    expect([await open('1.7'), await open('1.8'), await open('1.7')]).toEqual(['v', undefined, 'v']);
  });

  it('of an edited message works in that message alone', async () => {
    const buttons = makeButtons();
    const { value } = buttons.forEdit({ channel: 'C0SECURITY1', ts: '1.1' }, button);
    expect((await buttons.open({ actionId, value }, here)).value).toBe('v');
    expect((await buttons.open({ actionId, value }, { ...here, ts: '1.2' })).value).toBeUndefined();
  });

  it('of a window works in that window, and one of a Home tab for its person', async () => {
    const buttons = makeButtons();
    const [inView, atHome] = [buttons.forView('V1', button).value, buttons.forHome(userId, button).value];
    const open = async (value: string, at: object) =>
      (await buttons.open({ actionId, value }, { userId, ...at })).value;
    expect([await open(inView, { viewId: 'V1' }), await open(inView, { viewId: 'V2' })]).toEqual(['v', undefined]);
    expect([await open(atHome, { viewId: 'V9' }), await open(atHome, { viewId: 'V9', userId: 'U2' })]).toEqual([
      'v',
      undefined,
    ]);
    expect(await open(atHome, { channel: 'C0SECURITY1', ts: '1.1' })).toBeUndefined();
  });
});
