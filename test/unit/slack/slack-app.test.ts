import { describe, expect, it } from 'vitest';
import { Fault } from '#shared/core/fault.ts';
import { signCommand, signHomeOpened, signPress, signShortcut, signSubmission } from '#infra/sandbox/slack/sign.ts';
import type { CommandJob } from '#shared/jobs/job.ts';
import type { Approval } from '#shared/store/store.ts';
import { ACTION, encodeCase, encodeClean, encodePage, encodeTokens } from '#shared/slack/blocks/press.ts';
import { toldEndNote } from '#shared/slack/spoken.ts';
import { BREAK_GLASS_CALLBACK, REASON_BLOCK } from '#shared/slack/skeleton-modal.ts';
import { langsmithKey } from '#test/support/leaks.ts';
import { addToken, NOW, openCase, PEOPLE } from '#test/support/room.ts';
import { as, startApp } from '#test/support/start-app.ts';
import { admin, leakView, receiveSigned } from '#test/support/slack-requests.ts';

describe('a typed command', () => {
  it('is answered in the channel, with what it did', async () => {
    const { room, type } = startApp();
    addToken(room, 'laptop');
    const said = await type('operator', 'deactivate laptop left in cab');
    expect(said).toMatchObject([{ how: 'post', to: 'C0GENERAL01', text: expect.stringMatching(/^Deactivated/) }]);
    expect(room.tokens.get('laptop')?.state).toBe('inactive');
    expect(room.store.entries).toMatchObject([
      { what: 'deactivate', reason: 'left in cab', actor: { userId: PEOPLE.operator.userId } },
    ]);
  });

  it('that takes long has a sign of life, which becomes the answer', async () => {
    const { room, type } = startApp(undefined, async () => {});
    addToken(room, 'laptop');
    const said = await type('operator', 'deactivate laptop');
    expect(said.map(({ how, text }) => [how, text.slice(0, 11)])).toEqual([
      ['post', 'Received: `'],
      ['edit', 'Deactivated'],
    ]);
  });

  it('that is refused after a sign of life is answered to the person alone', async () => {
    const { type } = startApp(undefined, async () => {});
    const said = await type('viewer', 'deactivate laptop');
    expect(said.at(-1)).toMatchObject({ how: 'whisper', to: PEOPLE.viewer.userId });
    for (const { how, text } of said.slice(0, -1)) expect(`${how} ${text}`).toMatch(/^(?:post Received|edit Answered)/);
  });

  it('has a suggestion whose button runs exactly that line, by the rights of whoever presses', async () => {
    const { room, type, press } = startApp();
    addToken(room, 'laptop');
    expect(await type('operator', 'revoke laptop')).toMatchObject([
      { text: expect.stringContaining('deactivate laptop') },
    ]);
    expect(await press('viewer', ACTION.run, '/pat deactivate laptop')).toMatchObject([{ how: 'whisper' }]);
    expect(room.tokens.get('laptop')?.state).toBe('active');
    await press('operator', ACTION.run, '/pat deactivate laptop');
    expect(room.tokens.get('laptop')?.state).toBe('inactive');
    expect(await press('operator', ACTION.run, 'deactivate laptop')).toMatchObject([{ how: 'whisper' }]);
  });

  it('that is refused can be put before those who may, once, and gives nobody a right', async () => {
    const { room, type, press } = startApp();
    addToken(room, 'laptop');
    const line = '/pat deactivate laptop because left in a cab';
    expect(await type('viewer', line.slice(5))).toMatchObject([{ how: 'whisper' }]);
    const [answer, plea, ...others] = await press('viewer', ACTION.plea, line);
    expect(answer?.text).toMatch(/^NOT deactivated yet: .*<@U0ADMIN0001>.* have been asked\. It stands in <#C0\w+>/);
    expect(plea).toMatchObject({ how: 'post' });
    expect(plea?.text).toMatch(
      /^<@U0ADMIN0001> or <@U0OPERATOR1>: <@U0VIEWER001> asks one of you to deactivate, .*`\/pat deactivate laptop because left in a cab` Nothing has been done yet\.$/,
    );
    expect(others).toEqual([]);
    expect((await press('viewer', ACTION.plea, line)).map(({ text }) => text)).toEqual([
      expect.stringMatching(/they were not asked twice/),
    ]);
    expect(await press('viewer', ACTION.run, line)).toMatchObject([{ how: 'whisper' }]);
    expect(room.tokens.get('laptop')?.state).toBe('active');
    expect(await press('viewer', ACTION.plea, '/pat audit')).toMatchObject([{ how: 'whisper' }]);
    expect(await press('stranger', ACTION.plea, line)).toMatchObject([
      { text: expect.stringMatching(/own workspaces/) },
    ]);
    await press('operator', ACTION.run, line);
    expect(room.tokens.get('laptop')?.state).toBe('inactive');
  });

  it('for a list as a file uploads all of it', async () => {
    const { room, type } = startApp();
    for (const id of ['a', 'b']) addToken(room, id, { name: `=${id}` });
    const said = await type('operator', 'list --file csv');
    expect(said.map(({ how }) => how)).toEqual(['upload', 'post']);
    expect(said[0]?.text).toContain("langsmith-demo,langsmith,a,'=a,pat,active");
  });

  it('delivered twice acts once and says nothing again', async () => {
    const { room, type } = startApp();
    addToken(room, 'laptop');
    expect(await type('operator', 'deactivate laptop', 'same')).toHaveLength(1);
    addToken(room, 'laptop');
    expect(await type('operator', 'deactivate laptop', 'same')).toEqual([]);
    expect(room.tokens.get('laptop')?.state).toBe('active');
  });

  it('delivered by the queue and by "Try now" at once knows each delivery as what it is', async () => {
    const { room, app, said } = startApp();
    addToken(room, 'laptop');
    const open = () => Promise.reject(new Fault('provider_unavailable', 'away'));
    Object.assign(room.services.providers, { open });
    const { job } = receiveSigned(signCommand(as('operator'), 'deactivate langsmith-demo:laptop'));
    if (job === undefined) throw new Error('the edge queues nothing of it');
    const queued = { ...(JSON.parse(JSON.stringify(job)) as CommandJob), deliveryKey: 'k' };
    const ended = await Promise.allSettled([
      app.handle(queued, { attempt: 20, isLast: true }),
      app.handle(queued, { attempt: 2, isLast: false, isExtra: true }),
    ]);
    expect(ended.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    // Only the queue's own last delivery says that this was the last one.
    expect(said.map(({ text }) => /dead-letter queue/.test(text))).toEqual([true]);
  });

  it('whose last delivery cannot do it is told so, and known as told', async () => {
    const { room, app, said } = startApp();
    Object.assign(room.store, { remember: () => Promise.reject(new Fault('store_unavailable', 'away')) });
    const { job } = receiveSigned(signCommand(as('operator'), 'deactivate langsmith-demo:laptop'));
    const queued = { ...(JSON.parse(JSON.stringify(job)) as CommandJob), deliveryKey: 'k' };
    for (const [attempt, isTold] of [
      [19, undefined],
      [20, true],
    ] as const) {
      await expect(app.handle(queued, { attempt, isLast: attempt === 20 })).rejects.toThrow('away');
      expect([said.length > 0, await room.store.notes.get(toldEndNote('k'))]).toEqual([isTold === true, isTold]);
    }
  });

  it('that was not understood, is private, or is refused is answered to the person alone', async () => {
    const { room, type } = startApp();
    for (const text of ['explode everything', 'help', 'whoami', 'list --private', 'audit']) {
      expect(await type('viewer', text), text).toMatchObject([{ how: 'whisper', to: PEOPLE.viewer.userId }]);
    }
    expect(room.store.entries).toMatchObject([{ what: 'denied', verb: 'audit', result: 'refused' }]);
  });

  it('for help from another workspace is on record as what it was', async () => {
    const { room, type } = startApp();
    await type('stranger', 'help');
    await type('stranger', 'whoami');
    expect(room.store.entries.map(({ what, verb, detail }) => [what, verb, detail])).toEqual([
      ['denied', 'help', { kind: 'denied', why: 'other_workspace' }],
      ['denied', 'whoami', { kind: 'denied', why: 'other_workspace' }],
    ]);
  });

  it.each([
    ['typed', signCommand(as('operator'), 'leak'), signCommand(as('stranger'), 'leak'), 'whisper'],
    ['by the shortcut', signShortcut(as('operator'), 'patrol:leak'), signShortcut(as('stranger'), 'leak'), 'tell'],
  ])('to report a leak (%s) says a refusal, and that Slack opened no window', async (_, operator, stranger, how) => {
    const { handle } = startApp();
    const opened = { patrol_view_id: 'V1' };
    expect(await handle(operator, undefined, opened)).toEqual([]);
    expect(await handle(stranger, undefined, opened)).toMatchObject([
      { how, text: expect.stringContaining('own workspaces only') },
    ]);
    expect(await handle(operator)).toMatchObject([{ how, text: expect.stringMatching(/^Nothing is reported: Slack/) }]);
  });

  it('for the record as a file uploads it once, and says how many entries it has', async () => {
    const { room, type } = startApp();
    addToken(room, 'laptop');
    await type('operator', 'deactivate laptop');
    const said = await type('approver', 'audit --file csv');
    expect(said.map(({ how }) => how)).toEqual(['upload', 'post']);
    expect(said[0]?.text).toContain('deactivate,langsmith-demo,laptop');
  });
});

describe('trouble in a channel that another company is let into meanwhile', () => {
  it('is told to all before, and what came of it to whoever asked alone', async () => {
    const { room, type } = startApp();
    addToken(room, 'laptop');
    const world = { isDown: true, isShared: false };
    const { open } = room.services.providers;
    Object.assign(room.services.providers, {
      open: async (profile: string) => {
        if (world.isDown) throw new Fault('provider_unavailable', 'down');
        return open(profile);
      },
    });
    Object.assign(room.services.channels, { isShared: async () => world.isShared });
    await expect(type('operator', 'deactivate laptop', 'again')).rejects.toThrow();
    Object.assign(world, { isDown: false, isShared: true });
    const said = await type('operator', 'deactivate laptop', 'again');
    expect(said.map(({ how }) => how)).toEqual(['edit', 'whisper']);
    expect(said[0]?.text).toMatch(/^Answered to <@U0OPERATOR1> alone/);
    expect(said[1]).toMatchObject({ to: PEOPLE.operator.userId, text: expect.stringMatching(/^Deactivated: /) });
  });
});

describe('a press', () => {
  it('of a button that Patrol never made, or of an Undo that does not activate, does nothing', async () => {
    const { room, handle, press } = startApp();
    addToken(room, 'laptop');
    const value = encodeTokens({ verb: 'deactivate', ...LAPTOP }) ?? '';
    const forged = signPress(as('admin'), { ts: '9.9' }, { actionId: ACTION.retry, value });
    for (const said of [await handle(forged), await press('admin', ACTION.undo, value)])
      expect(said).toMatchObject([{ how: 'whisper', text: expect.stringContaining('lapsed') }]);
    expect(room.tokens.get('laptop')?.state).toBe('active');
  });

  const LAPTOP = { tokens: ['langsmith-demo:laptop'] };

  it('on a confirmation turns the question into the answer', async () => {
    const { room, type, press } = startApp();
    addToken(room, 'laptop');
    expect((await type('admin', 'delete laptop old'))[0]?.text).not.toMatch(/^Deleted/);
    const said = await press('admin', ACTION.confirm, 'id-1');
    expect(said).toMatchObject([{ how: 'edit', to: '9.9', text: expect.stringMatching(/^Deleted/) }]);
    expect(room.tokens.has('laptop')).toBe(false);
    expect(await press('admin', ACTION.cancel, 'id-1')).toMatchObject([{ how: 'whisper' }]);
  });

  it('of a requester puts the question before others in a new message, where the policy wants it', async () => {
    const { room, type, press, followed } = startApp((policy) => {
      policy.channels.approvals = 'C0APPROVAL1';
    });
    addToken(room, 'laptop');
    await type('operator', 'delete laptop contract ended');
    expect(await press('operator', ACTION.confirm, 'id-1')).toMatchObject([
      { how: 'edit', to: '9.9', text: expect.stringMatching(/^Passed on: delete/) },
      { how: 'post', to: 'C0APPROVAL1', text: expect.stringMatching(/^Approval needed: may <@U0OPERATOR1> delete/) },
    ]);
    expect(followed).toHaveLength(1);
  });

  it.each([
    ['lapsed', /^Lapsed without approval: delete `name of laptop`\. NOT deleted\.$/],
    ['refused', /^Refused: delete `name of laptop`\. NOT deleted\.$/],
    ['withdrawn', /^Taken back by the requester: delete `name of laptop`\. NOT deleted\.$/],
    ['needless', /^Not needed any more: delete `name of laptop`\./],
    ['approved', /^Approved: delete `name of laptop`\. The result is told in its own message\.$/],
    ['done', /^Approved: delete `name of laptop`\. The result is told in its own message\.$/],
  ] as const)(
    'of a requester, delivered again, says of a request that is %s by then no more than that',
    async (state, words) => {
      const { room, type, press } = startApp((policy) => {
        policy.channels.approvals = 'C0APPROVAL1';
      });
      addToken(room, 'laptop');
      await type('operator', 'delete laptop contract ended');
      const confirm = () => press('operator', ACTION.confirm, 'id-1', {}, 'confirmed');
      const { append } = room.store.audit;
      Object.assign(room.store.audit, { append: () => Promise.reject(new Fault('store_unavailable', 'throttled')) });
      await expect(confirm()).rejects.toThrow();
      Object.assign(room.store.audit, { append });
      const [opened] = await room.store.approvals.list({ open: true, limit: 1 });
      await room.store.approvals.change(opened!.id, (record) => ({ ...record, state }));
      const [told] = await confirm();
      expect(told).toMatchObject({ how: 'edit', to: '9.9', text: expect.stringMatching(words) });
    },
  );

  it('of an approver edits the card and tells the result where it was asked for', async () => {
    const { room, type, press, followed } = startApp();
    const approval = await askToDelete({ room, type, press });
    const said = await press('approver', ACTION.approve, approval?.id);
    expect(said.map(({ how, text }) => [how, text.split(':')[0]])).toEqual([
      ['edit', 'Approved'],
      ['post', expect.stringMatching(/^Deleted/)],
    ]);
    expect(followed).toEqual([approval?.id, approval?.id]);
    expect(await press('approver', ACTION.refuse, approval?.id)).toMatchObject([{ how: 'edit' }, { how: 'whisper' }]);
  });

  it('that came too late never takes the card back from its end, however late its words arrive', async () => {
    const { room, slack, type, press } = startApp();
    addToken(room, 'laptop');
    await type('operator', 'delete laptop contract ended');
    await press('operator', ACTION.confirm, 'id-1');
    const [open] = await room.store.approvals.list({ limit: 1 });
    const quicker = { actor: PEOPLE.admin, at: NOW.toISOString() };
    const become = (state: Approval['state']) =>
      room.store.approvals.change(open!.id, (record) => ({ ...record, approvedBy: [quicker], state }));
    await become('approved');
    slack.takesEdits = false;
    await expect(press('approver', ACTION.approve, open?.id, {}, 'late')).rejects.toMatchObject({
      code: 'slack_unavailable',
    });
    await become('done');
    slack.takesEdits = true;
    const said = await press('approver', ACTION.approve, open?.id, {}, 'late');
    expect(said.map(({ text }) => text).join()).not.toContain('Working on it');
    expect(said[0]).toMatchObject({ how: 'edit', text: expect.stringContaining('told in its own message') });
  });

  it('in a message that its person alone sees is answered alone, also when that message is gone', async () => {
    const { room, slack, press } = startApp();
    addToken(room, 'laptop');
    const container = { type: 'message', message_ts: '9.9', channel_id: 'C0GENERAL01', is_ephemeral: true };
    slack.hasMessages = false;
    const page = encodePage({ query: { profiles: [], sort: 'age' }, offset: 0, private: false });
    const said = await press('viewer', ACTION.page, page, { container });
    expect(said).toMatchObject([{ how: 'whisper', to: PEOPLE.viewer.userId }]);
  });

  it('turns a page, shows a token, asks before a kill from a menu, and undoes at once', async () => {
    const { room, press } = startApp();
    for (let index = 0; index < 12; index += 1) addToken(room, `t-${index}`);
    addToken(room, 'laptop');
    const page = encodePage({ query: { profiles: [], sort: 'age' }, offset: 10, private: false });
    expect(await press('viewer', ACTION.page, page)).toMatchObject([{ how: 'edit', to: '9.9' }]);
    expect((await press('viewer', `${ACTION.row}:show`, encodeTokens({ verb: 'show', ...LAPTOP })))[0]?.text).toContain(
      'laptop',
    );
    await press('operator', ACTION.row, encodeTokens({ verb: 'deactivate', ...LAPTOP }));
    expect(room.tokens.get('laptop')?.state).toBe('active');
    addToken(room, 'laptop', { state: 'inactive' });
    await press('operator', ACTION.undo, encodeTokens({ verb: 'activate', ...LAPTOP }));
    expect(room.tokens.get('laptop')?.state).toBe('active');
  });

  it('on a clean-up previews it, and does nothing yet', async () => {
    const { room, press } = startApp();
    addToken(room, 'laptop');
    const said = await press('operator', ACTION.clean, encodeClean('unused', 'langsmith-demo', ['laptop']));
    expect(said).toMatchObject([{ how: 'post' }]);
    expect(room.tokens.get('laptop')?.state).toBe('active');
  });

  it.each([ACTION.page, ACTION.row, ACTION.clean, ACTION.case, ACTION.undo, ACTION.goOn])(
    'that this release does not understand changes nothing, and says so to the person alone: %s',
    async (action) => {
      const { press } = startApp();
      expect(await press('admin', action, 'of an old release')).toMatchObject([
        { how: 'whisper', to: PEOPLE.admin.userId },
      ]);
    },
  );

  it('of nobody known here is left to the queue', async () => {
    const { app } = startApp();
    const { job } = receiveSigned(signPress(admin, { ts: '9.9' }, { actionId: 'patrol:unheard-of', value: '' }));
    expect(await app.handle(job as CommandJob, { attempt: 1, isLast: false })).toBe(false);
  });
});

describe('a case', () => {
  const KASE = 'C-ABCD2345';
  async function withCase() {
    const started = startApp();
    const token = addToken(started.room, 'laptop');
    await openCase(started.room, token, { id: KASE });
    return started;
  }

  it('is listed and shown when asked for, and its card is what follows a kill from it', async () => {
    const { room, type, press, cards } = await withCase();
    expect((await type('viewer', 'cases'))[0]?.text).toBe('1 case.');
    expect((await type('viewer', `case ${KASE}`))[0]?.text).toContain('name of laptop');
    expect(await press('operator', ACTION.case, encodeCase({ case: KASE, act: 'deactivate' }))).toEqual([]);
    expect(room.tokens.get('laptop')?.state).toBe('inactive');
    expect(cards).toContain(KASE);
    expect(room.store.entries).toMatchObject([{ what: 'deactivate', caseId: KASE }]);
  });

  it('fills the window that the edge has opened for its details', async () => {
    const { press } = await withCase();
    const value = encodeCase({ case: KASE, act: 'open' });
    const said = await press('viewer', ACTION.caseDetails, value, { patrol_view_id: 'V1' });
    expect(said).toMatchObject([{ how: 'view', to: 'V1', text: expect.stringContaining(KASE) }]);
    expect(await press('viewer', ACTION.caseDetails, value)).toMatchObject([{ how: 'tell' }]);
  });
});

describe('a modal', () => {
  it('with a leak gives sealed reports to the queue, once, and no word of the secret', async () => {
    const { handle, leaks } = startApp();
    const secret = langsmithKey();
    const values = { leak: { secrets: { type: 'plain_text_input', value: secret } } };
    const submitted = signSubmission(as('operator'), leakView, values);
    const said = await handle(submitted, 'leak-1');
    await handle(submitted, 'leak-1');
    expect(leaks).toMatchObject([{ kind: 'report', source: 'slack', deliveryKey: 'slack:leak-1:0' }]);
    expect(said).toMatchObject([{ how: 'tell' }]);
    expect(JSON.stringify([leaks, said])).not.toContain(secret);
    expect(await handle(signSubmission(as('stranger'), leakView, values))).toMatchObject([
      { text: expect.stringMatching(/own workspaces only/) },
    ]);
    expect(leaks).toHaveLength(1);
  });

  it('with a leak is taken from anybody of the workspace, in their name', async () => {
    const { handle, leaks } = startApp();
    const values = { leak: { secrets: { type: 'plain_text_input', value: langsmithKey() } } };
    await handle(signSubmission(as('viewer'), leakView, values), 'leak-2');
    expect(leaks).toMatchObject([{ report: { reporter: { userId: PEOPLE.viewer.userId }, pasted: 1 } }]);
  });
});

/** An operator's request to delete a token, for which others have to agree. */
async function askToDelete({ room, type, press }: Pick<ReturnType<typeof startApp>, 'room' | 'type' | 'press'>) {
  addToken(room, 'laptop');
  await type('operator', 'delete laptop contract ended');
  await press('operator', ACTION.confirm, 'id-1');
  const [approval] = await room.store.approvals.list({ limit: 1 });
  return approval;
}

/** The window in which an admin breaks the glass, sent off with a reason. */
function signBrokenGlass(approval: Approval | undefined) {
  const view = {
    id: 'V2',
    type: 'modal',
    callback_id: BREAK_GLASS_CALLBACK,
    private_metadata: JSON.stringify({ approval: approval?.id }),
  };
  const values = { [REASON_BLOCK]: { reason: { type: 'plain_text_input', value: 'key is being used' } } };
  return signSubmission(as('admin'), view, values);
}

describe('breaking the glass', () => {
  it('asks for a reason in a window, acts on it, and tells the security channel', async () => {
    const { room, type, press, handle } = startApp();
    const approval = await askToDelete({ room, type, press });
    const [asked] = await press('admin', ACTION.breakGlass, approval?.id, { patrol_view_id: 'V2' });
    expect(asked).toMatchObject({ how: 'view', to: 'V2', text: expect.stringContaining('Break the glass') });
    const said = await handle(signBrokenGlass(approval));
    expect(room.tokens.has('laptop')).toBe(false);
    expect(said.map(({ to }) => to)).toContain('C0SECURITY1');
    const broken = room.store.entries.find(({ what }) => what === 'break-glass');
    expect(broken).toMatchObject({ reason: 'key is being used', actor: { userId: PEOPLE.admin.userId } });
    const deleted = room.store.entries.find(({ what }) => what === 'delete');
    expect(deleted).toMatchObject({ reason: 'contract ended', actor: { userId: PEOPLE.operator.userId } });
  });
});

describe('what was approved, and whoever had asked may not do any more', () => {
  it('is on record as refused to them, and not to whoever approved', async () => {
    const { room, type, press } = startApp();
    const approval = await askToDelete({ room, type, press });
    room.services.policy.roles['operator']!.users = [];
    await press('approver', ACTION.approve, approval?.id);
    expect(room.store.entries.filter(({ what }) => what === 'denied')).toMatchObject([
      { actor: { userId: PEOPLE.operator.userId }, verb: 'delete', detail: { kind: 'denied', why: 'no_role' } },
    ]);
  });
});

describe('a glass that was broken, and whose request is refused then', () => {
  it('is told to the security channel all the same', async () => {
    const { room, type, press, handle } = startApp();
    const approval = await askToDelete({ room, type, press });
    room.services.policy.roles['operator']!.users = [];
    const said = await handle(signBrokenGlass(approval));
    expect(room.tokens.has('laptop')).toBe(true);
    expect(said.find(({ to }) => to === 'C0SECURITY1')?.text).toMatch(/^Glass broken/);
    const again = await handle(signBrokenGlass(approval));
    expect(again.map(({ to }) => to)).not.toContain('C0SECURITY1');
  });
});

describe('the Home tab', () => {
  it('shows a person the tokens, cases and requests that concern them', async () => {
    const { room, handle, type, press } = startApp();
    addToken(room, 'laptop');
    await type('operator', 'delete laptop contract ended');
    await press('operator', ACTION.confirm, 'id-1');
    const [home] = await handle(signHomeOpened(as('approver')));
    expect([home?.how, home?.to]).toEqual(['home', PEOPLE.approver.userId]);
    expect(home?.text).toContain('contract ended');
    const [other] = await handle(signHomeOpened(as('viewer')));
    expect(other?.text).not.toContain('contract ended');
  });
});
