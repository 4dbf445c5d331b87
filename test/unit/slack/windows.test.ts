import { describe, expect, it } from 'vitest';
import { checkBlocks } from '#infra/sandbox/slack/block-check/check-blocks.ts';
import { signSubmission } from '#infra/sandbox/slack/sign.ts';
import { ACTION, encodeCase, encodePage } from '#shared/slack/blocks/press.ts';
import {
  CHOOSE_CALLBACK,
  CHOSEN_BLOCK,
  DISMISS_CALLBACK,
  REASON_BLOCK,
  VERB_BLOCK,
} from '#shared/slack/skeleton-modal.ts';
import type { Case } from '#shared/store/store.ts';
import { addToken, openCase, PEOPLE } from '#test/support/room.ts';
import { as, startApp } from '#test/support/start-app.ts';

const KASE = 'C-ABCD2345';
const WINDOW = { patrol_view_id: 'V1' };
const NO_WINDOW = 'Nothing was done: Slack did not open the window';

/** The app with one case that asks about the token `laptop`. */
async function withCase(more: Partial<Case> = {}) {
  const started = startApp();
  const token = addToken(started.room, 'laptop');
  await openCase(started.room, token, { id: KASE, grade: 'proved', ...more });
  return started;
}

/** The app with a request that waits for somebody else. */
async function withRequest() {
  const started = startApp();
  addToken(started.room, 'laptop');
  await started.type('operator', 'delete laptop contract ended');
  await started.press('operator', ACTION.confirm, 'id-1');
  const [approval] = await started.room.store.approvals.list({ limit: 1 });
  return { ...started, approval: approval! };
}

describe('the window of "Not ours?"', () => {
  const value = encodeCase({ case: KASE, act: 'dismiss' });

  it('asks for the reason, closes nothing by that, and closes with what was typed', async () => {
    const { room, press, handle, cards } = await withCase();
    const [asked, ...others] = await press('operator', ACTION.dismiss, value, WINDOW);
    expect(others).toEqual([]);
    expect(asked).toMatchObject({ how: 'view', to: 'V1', text: expect.stringContaining(DISMISS_CALLBACK) });
    expect(asked?.text).toContain('goes on working');
    expect(await room.store.cases.get(KASE)).toMatchObject({ state: 'asking' });

    const { private_metadata } = JSON.parse(asked!.text) as { private_metadata: string };
    const view = { id: 'V1', type: 'modal', callback_id: DISMISS_CALLBACK, private_metadata };
    const typed = { [REASON_BLOCK]: { reason: { type: 'plain_text_input', value: 'a made-up example' } } };
    expect(await handle(signSubmission(as('operator'), view, typed))).toEqual([]);
    expect(await room.store.cases.get(KASE)).toMatchObject({ state: 'dismissed' });
    expect(room.tokens.get('laptop')?.state).toBe('active');
    expect(room.store.entries).toMatchObject([{ reason: 'a made-up example', caseId: KASE }]);
    expect(cards).toContain(KASE);
  });

  it('is refused to whoever may not close the case, in the window and when it is sent in all the same', async () => {
    const { room, press, handle } = await withCase();
    const [refused] = await press('viewer', ACTION.dismiss, value, WINDOW);
    expect(refused).toMatchObject({ how: 'view', to: 'V1', text: expect.stringContaining('patrol:notice') });
    const view = {
      id: 'V1',
      type: 'modal',
      callback_id: DISMISS_CALLBACK,
      private_metadata: JSON.stringify({ case: KASE }),
    };
    const typed = { [REASON_BLOCK]: { reason: { type: 'plain_text_input', value: 'let me' } } };
    expect(await handle(signSubmission(as('viewer'), view, typed))).toMatchObject([
      { how: 'tell', to: PEOPLE.viewer.userId },
    ]);
    expect(await room.store.cases.get(KASE)).toMatchObject({ state: 'asking' });
  });

  it('asks nothing about a case that needs no reason, or that is not there', async () => {
    const { press } = await withCase({ grade: 'weak' });
    for (const id of [KASE, 'C-ZZZZ9999']) {
      const [said] = await press('operator', ACTION.dismiss, encodeCase({ case: id, act: 'dismiss' }), WINDOW);
      expect(said?.text).toContain('patrol:notice');
      expect(said?.text).not.toContain(DISMISS_CALLBACK);
    }
  });
});

describe('the window of all tokens of a request', () => {
  it('is filled for whoever made it, may agree to it or may list them, as the tokens are now', async () => {
    const { room, approval, press } = await withRequest();
    addToken(room, 'laptop', { state: 'inactive' });
    for (const who of ['operator', 'approver', 'viewer'] as const) {
      const [said] = await press(who, ACTION.approvalTokens, approval.id, WINDOW);
      expect(said, who).toMatchObject({ how: 'view', to: 'V1', text: expect.stringContaining('name of laptop') });
      expect(said?.text, who).toContain('inactive');
    }
  });

  it('says of a token that is gone that it could not be read', async () => {
    const { room, approval, press } = await withRequest();
    room.tokens.clear();
    const [said] = await press('approver', ACTION.approvalTokens, approval.id, WINDOW);
    expect(said?.text).toContain('could not be read');
  });

  it('names no token to a stranger, nor of a request that is not there', async () => {
    const { approval, press } = await withRequest();
    for (const [who, id] of [
      ['stranger', approval.id],
      ['admin', 'no-such-request'],
    ] as const) {
      const [said] = await press(who, ACTION.approvalTokens, id, WINDOW);
      expect(said, who).toMatchObject({ how: 'view', text: expect.stringContaining('lapsed') });
      expect(said?.text, who).not.toContain('laptop');
    }
  });

  it('comes as a direct message where Slack opened no window', async () => {
    const { approval, press } = await withRequest();
    expect(await press('approver', ACTION.approvalTokens, approval.id)).toMatchObject([
      { how: 'tell', to: PEOPLE.approver.userId, text: '1 token, as read now.' },
    ]);
  });
});

describe('the window in which several tokens are chosen', () => {
  const value = encodePage({ query: { profiles: [], sort: 'age' }, offset: 0, private: false })!;
  const view = (metadata: string) => ({
    id: 'V1',
    type: 'modal',
    callback_id: CHOOSE_CALLBACK,
    private_metadata: metadata,
  });
  const ticked = (verb: string, ...tokens: string[]) => ({
    [CHOSEN_BLOCK]: {
      tokens: { type: 'multi_static_select', selected_options: tokens.map((one) => ({ value: one })) },
    },
    [VERB_BLOCK]: { verb: { type: 'radio_buttons', selected_option: { value: verb } } },
    [REASON_BLOCK]: { reason: { type: 'plain_text_input', value: 'left the company' } },
  });
  const states = (room: { readonly tokens: ReadonlyMap<string, { readonly state: string }> }) =>
    [...room.tokens.values()].map(({ state }) => state);

  it('offers what the person may see, never the own one, and a submission is a preview like a typed request', async () => {
    const { room, press, handle } = startApp();
    for (const id of ['a', 'b', 'c']) addToken(room, id);
    addToken(room, 'own', { own: true });
    const [shown] = await press('operator', ACTION.choose, value, WINDOW);
    expect(shown).toMatchObject({ how: 'view', to: 'V1' });
    const modal = JSON.parse(shown!.text) as { private_metadata: string };
    expect(checkBlocks(modal)).toEqual([]);
    expect(shown!.text).toContain('"langsmith-demo:a"');
    expect(shown!.text).not.toContain('"langsmith-demo:own"');

    const wanted = ticked('deactivate', 'langsmith-demo:a', 'langsmith-demo:b');
    const said = await handle(signSubmission(as('operator'), view(modal.private_metadata), wanted));
    expect(said).toMatchObject([{ how: 'post', text: expect.stringContaining('Deactivate 2 tokens?') }]);
    expect(states(room)).toEqual(['active', 'active', 'active', 'active']);
  });

  it.each([
    ['viewer', ticked('deactivate', 'langsmith-demo:a')],
    ['stranger', ticked('delete', 'langsmith-demo:a')],
    ['operator', ticked('lever', 'langsmith-demo:a')],
    ['operator', ticked('delete')],
    ['operator', {}],
  ] as const)('does nothing for whoever may not, or that is no choice (%s)', async (who, values) => {
    const { room, handle } = startApp();
    addToken(room, 'a');
    const said = await handle(signSubmission(as(who), view('{"channel":"C0GENERAL01"}'), values));
    expect(said.map(({ text }) => text).join()).not.toContain('Deactivate 1');
    expect(states(room)).toEqual(['active']);
  });
});

describe('the window for breaking the glass', () => {
  it('is not shown to whoever may not, with a window or without', async () => {
    const { approval, press } = await withRequest();
    const [view] = await press('operator', ACTION.breakGlass, approval.id, WINDOW);
    expect(view).toMatchObject({ how: 'view', text: expect.stringContaining('patrol:notice') });
    expect(await press('operator', ACTION.breakGlass, approval.id)).toMatchObject([
      { how: 'tell', to: PEOPLE.operator.userId },
    ]);
  });

  it('says of a request that is settled, or not there, that there is nothing to break', async () => {
    const { approval, press } = await withRequest();
    await press('approver', ACTION.refuse, approval.id);
    for (const id of [approval.id, 'no-such-request']) {
      const [view] = await press('admin', ACTION.breakGlass, id, WINDOW);
      expect(view).toMatchObject({ how: 'view', text: expect.stringContaining('patrol:notice') });
    }
  });
});

describe('a press that wants a window which Slack did not open', () => {
  it('does not end in silence, and does nothing', async () => {
    const { room, approval, press } = await withRequest();
    expect(await press('admin', ACTION.breakGlass, approval.id)).toMatchObject([
      { how: 'tell', text: expect.stringContaining(NO_WINDOW) },
    ]);
    expect(room.tokens.has('laptop')).toBe(true);
    const dismiss = await withCase();
    expect(await dismiss.press('operator', ACTION.dismiss, encodeCase({ case: KASE, act: 'dismiss' }))).toMatchObject([
      { how: 'tell', text: expect.stringContaining(NO_WINDOW) },
    ]);
    expect(await dismiss.room.store.cases.get(KASE)).toMatchObject({ state: 'asking' });
  });
});

describe('whatever Slack refuses of a window', () => {
  const list = encodePage({ query: { profiles: [], sort: 'age' }, offset: 0, private: false })!;
  const WANTED = [
    ['the reason for "Not ours?"', 'operator', ACTION.dismiss, encodeCase({ case: KASE, act: 'dismiss' }), NO_WINDOW],
    ['a case', 'operator', ACTION.caseDetails, encodeCase({ case: KASE, act: 'open' }), 'Leaked: '],
    ['a case that is not there', 'viewer', ACTION.caseDetails, encodeCase({ case: 'C-ZZZZ9999', act: 'open' }), ''],
    ['several tokens of a list', 'operator', ACTION.choose, list, NO_WINDOW],
    ['several tokens of a list, of a stranger', 'stranger', ACTION.choose, list, ''],
    ['a request that is not there', 'approver', ACTION.approvalTokens, 'no-such-request', 'lapsed'],
    ['a broken glass', 'admin', ACTION.breakGlass, 'no-such-request', 'lapsed'],
  ] as const;

  it.each(WANTED)('is told instead, in one message: %s', async (_, who, action, value, words) => {
    const { room, press, slack } = await withCase();
    for (const how of ['tell', 'whisper']) {
      slack.takesDirect = how === 'tell';
      slack.fillsWindows = false;
      for (const opened of [{}, WINDOW]) {
        const said = await press(who, action, value, opened);
        expect(said, JSON.stringify(opened)).toEqual([
          { how, to: PEOPLE[who].userId, text: expect.stringContaining(words) },
        ]);
        expect(said[0]?.text).not.toBe('');
      }
    }
    expect(await room.store.cases.get(KASE)).toMatchObject({ state: 'asking' });
    expect(room.tokens.get('laptop')?.state).toBe('active');
  });
});
