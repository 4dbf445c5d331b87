import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { signPress, signSlackBody } from '#infra/sandbox/slack/sign.ts';
import type { SlackMessage } from '#infra/sandbox/slack/workspace.ts';
import type { StandInToken } from '#infra/sandbox/kit/stand-in.ts';
import { createAlertDriver } from '#test/support/alert-driver.ts';
import { startTestSandbox, type TestSandbox } from '#test/support/sandbox.ts';
import { createTalk, type Talk, wordsOf } from '#test/support/slack-talk.ts';

const DAY = 24 * 3600;
const POLICY = join(import.meta.dirname, '../fixtures/policy-approvals.yml');
const ON_CALL = ['U0APPROVER1', 'U0VIEWER001'];
let sandbox: TestSandbox;
let talk: Talk;

beforeAll(async () => {
  sandbox = await startTestSandbox(['--no-page', '--policy', POLICY]);
  talk = createTalk(sandbox);
});
beforeEach(async () => {
  await onCall(...ON_CALL);
});
afterEach(async () => {
  await sandbox.fault('slack', { mode: 'none' });
  await sandbox.post('clock', { offsetSeconds: 0 });
  expect(await talk.faults()).toEqual([]);
});
afterAll(async () => {
  await sandbox.stop();
});

const onCall = (...users: string[]) => sandbox.post('usergroups', { id: 'S0ONCALL001', users });

/** Asks for a delete and says yes to it: what is left is a card that waits for others. */
async function requested(
  name: string,
  reason = 'contract ended',
): Promise<{ token: StandInToken; card: SlackMessage }> {
  const token = await talk.mint(name);
  const question = await talk.ask(`delete ${token.id} because ${reason}`, 'operator');
  const card = await talk.next(
    () => talk.press(question, 'Yes, delete', 'operator'),
    /^Approval needed: may <@\w+> delete/,
  );
  await talk.reads(question, /^Passed on: delete/);
  return { token, card };
}

/** A press and the words that its presser alone gets for it. */
async function refused(card: SlackMessage, words: string, as: Parameters<Talk['press']>[2]): Promise<string> {
  const answer = await talk.next(
    () => talk.press(card, words, as),
    ({ ephemeralTo }) => ephemeralTo !== undefined,
  );
  return wordsOf(answer);
}

const deletes = async () => (await sandbox.calls()).filter(({ mutation, method }) => mutation && method === 'DELETE');

describe('a delete that needs a second person', () => {
  it('says who asked, who may approve and when it lapses; then who approved, and the proof', async () => {
    const { token, card } = await requested('second-person');
    expect(wordsOf(card)).toMatch(/Asked by <@U0OPERATOR1>/);
    expect(wordsOf(card)).toMatch(/May approve: .*U0APPROVER1/);
    expect(wordsOf(card)).toMatch(/Lapses .*Rule `on-call-for-delete`/s);
    expect(await talk.stateOf(token)).toBe('active');

    const result = await talk.next(() => talk.press(card, 'Approve', 'approver'), /^Deleted: /);
    expect(wordsOf(result)).toMatch(/Asked by <@U0OPERATOR1>. Approved by <@U0APPROVER1>. Reason: `contract ended`/);
    expect(await talk.stateOf(token)).toBe('deleted');
    expect(wordsOf(await talk.reads(card, /^Approved: delete/))).toContain('Approved by 1 of 1: <@U0APPROVER1>');
  });

  it('tells those who may agree by direct message, where they can decide it; the result is told where it was asked', async () => {
    const { token, card } = await requested('told-alone');
    await talk.idle();
    const told = (await sandbox.messages()).filter(
      ({ channel, text }) => channel !== card.channel && /^Approval needed: may <@\w+> delete `told-alone/.test(text),
    );
    expect(told.length).toBeGreaterThanOrEqual(2);
    const result = await talk.next(() => talk.press(told[0]!, 'Approve', 'approver'), /^Deleted: .*told-alone/);
    expect(result.channel).toBe(card.channel);
    await talk.reads(card, /^Approved: delete/);
    for (const one of told)
      expect(JSON.stringify((await talk.reads(one, /^Approved: delete/)).blocks)).not.toMatch(/Refuse/);
    expect(await talk.stateOf(token)).toBe('deleted');
  });

  it('is settled once by two approvers who press at the same instant', async () => {
    const { token, card } = await requested('same-instant');
    const before = (await deletes()).length;
    await Promise.all([talk.press(card, 'Approve', 'approver'), talk.press(card, 'Approve', 'viewer')]);
    await talk.becomes(token, 'deleted');
    await talk.idle();
    expect((await deletes()).length - before).toBe(1);
    const messages = (await sandbox.messages()).filter((one) => wordsOf(one).includes('same-instant'));
    expect(messages.filter(({ text }) => text.startsWith('Deleted: '))).toHaveLength(1);
    const done = await talk.reads(card, /^Approved: delete/);
    expect(wordsOf(done).match(/Approved by 1 of 1: <@U0(APPROVER1|VIEWER001)>/)).not.toBeNull();
    expect(
      (await sandbox.messages()).filter(({ text }) => /this was approved already, by <@U/.test(text)),
    ).toHaveLength(1);
  });

  it('is not approved by its requester, nor by somebody without the role', async () => {
    const { token, card } = await requested('not-alone');
    expect(await refused(card, 'Approve', 'operator')).toContain('nobody approves their own request');
    await onCall('U0VIEWER001');
    expect(await refused(card, 'Approve', 'approver')).toContain('you may not approve this');
    expect(await talk.stateOf(token)).toBe('active');
    expect(wordsOf(await talk.now(card))).toContain('Approval needed');
  });

  it('is refused to an approver who left the user group between request and press', async () => {
    const { token, card } = await requested('left-the-group');
    await onCall('U0VIEWER001');
    expect(await refused(card, 'Approve', 'approver')).toMatch(/you may not approve this.*`on-call`/s);
    expect(await talk.stateOf(token)).toBe('active');
  });

  it('is refused in words while Slack cannot tell who is in the user group', async () => {
    const { token, card } = await requested('groups-down');
    // Whoever may approve is told first.
    await talk.idle();
    // The look-up and its one repetition are the worker's first calls; what it says afterwards arrives.
    await sandbox.fault('slack', { mode: '500', count: 2 });
    const words = await refused(card, 'Approve', 'approver');
    expect(words).toMatch(/Slack did not tell who is in the user groups, so nobody is let in through one/);
    expect(await talk.stateOf(token)).toBe('active');
  });

  it('has lapsed a day later, and a press on the old message does nothing', async () => {
    const { token, card } = await requested('day-old');
    await sandbox.post('clock', { offsetSeconds: DAY });
    expect(await refused(card, 'Approve', 'approver')).toMatch(/this request has lapsed/);
    expect(wordsOf(await talk.reads(card, /^Lapsed without approval/))).toContain('NOT deleted');
    expect(await talk.stateOf(token)).toBe('active');
  });

  it('is not asked for any more a day after the question', async () => {
    const token = await talk.mint('day-old-question');
    const question = await talk.ask(`delete ${token.id}`, 'operator');
    await sandbox.post('clock', { offsetSeconds: DAY });
    expect(await refused(question, 'Yes, delete', 'operator')).toMatch(/this request has lapsed/);
    expect(await talk.stateOf(token)).toBe('active');
  });

  it("is refused to a stranger's press from a shared channel, whichever workspace the press names", async () => {
    const { token, card } = await requested('shared-channel');
    await sandbox.post('channels', { id: 'C0SECURITY1', members: ['U0ADMIN0001', 'U0OUTSIDER1'], shared: true });
    // The stranger has even been put into the group.
    await onCall('U0OUTSIDER1');
    const said = await talk.next(() => talk.press(card, 'Approve', 'outsider'), /members of its own workspaces only/);
    expect(said.ephemeralTo).toBe('U0OUTSIDER1');

    const value = JSON.stringify(card.blocks).match(/"action_id":"patrol:approve[^}]*?"value":"([^"]+)"/)?.[1] ?? '';
    const press = { actionId: 'patrol:approve', value };
    const signed = signPress(talk.sender('outsider'), { ts: card.ts }, press);
    // Slack names the app's workspace for the place and the stranger's own for the person.
    const payload = JSON.parse(new URLSearchParams(signed.body).get('payload') ?? '') as { user: object };
    const mixed = { ...payload, user: { ...payload.user, team_id: 'T0OTHERTEAM' } };
    const body = new URLSearchParams({ payload: JSON.stringify(mixed) }).toString();
    const form = 'application/x-www-form-urlencoded';
    const again = await talk.next(
      () => talk.send(signSlackBody(sandbox.ready.slack.signingSecret, body, form)),
      /members of its own workspaces only/,
    );
    expect(again.ephemeralTo).toBe('U0OUTSIDER1');
    expect(await talk.stateOf(token)).toBe('active');
  });

  it('can be refused by an approver, and taken back by the requester', async () => {
    const first = await requested('refused-one');
    await talk.press(first.card, 'Refuse', 'approver');
    expect(wordsOf(await talk.reads(first.card, /^Refused: delete/))).toMatch(
      /NOT deleted.*Refused by <@U0APPROVER1>/s,
    );
    expect(await refused(first.card, 'Approve', 'viewer')).toMatch(/this was \w+(?: back)? already, by <@U/);
    const second = await requested('taken-back');
    await talk.press(second.card, 'Refuse', 'operator');
    expect(wordsOf(await talk.reads(second.card, /^Taken back by the requester/))).toContain('NOT deleted');
    expect(await talk.stateOf(first.token)).toBe('active');
    expect(await talk.stateOf(second.token)).toBe('active');
  });

  it('is done after the approval even when the worker dies on the way, once', async () => {
    const { token, card } = await requested('dies-on-the-way');
    const before = (await deletes()).length;
    await sandbox.post('crash', { function: 'slack-worker', at: 'after-effect' });
    const result = await talk.next(() => talk.press(card, 'Approve', 'approver'), /^Deleted: .*dies-on-the-way/);
    await talk.idle();
    expect(wordsOf(result)).not.toMatch(/already/);
    expect(await talk.stateOf(token)).toBe('deleted');
    expect((await deletes()).length - before).toBe(1);
    await talk.reads(card, /^Approved: delete/);
  });
});

describe('an undo that needs a second person', () => {
  it('waits for that person, from a receipt', async () => {
    const token = await talk.mint('undone-by-two');
    const receipt = await talk.ask(`deactivate ${token.id}`, 'operator');
    const card = await talk.next(() => talk.press(receipt, 'Undo: activate', 'operator'), /^Approval needed/);
    expect(wordsOf(card)).toMatch(/may <@\w+> activate .*undone-by-two/);
    expect(await refused(card, 'Approve', 'operator')).toContain('nobody approves their own request');
    expect(await talk.stateOf(token)).toBe('inactive');

    const result = await talk.next(() => talk.press(card, 'Approve', 'approver'), /^Active again: .*undone-by-two/);
    expect(wordsOf(result)).toMatch(/Asked by <@U0OPERATOR1>. Approved by <@U0APPROVER1>/);
    expect(await talk.stateOf(token)).toBe('active');
  });

  it('waits for that person, from the card of a leak', async () => {
    const driver = createAlertDriver(sandbox);
    const token = await driver.issue('dfns', 'undone-on-card');
    await driver.report('generic', token);
    await driver.press(await driver.card('undone-on-card', /Nobody has taken it yet/), 'Deactivate', 'operator');
    const dead = await driver.card('undone-on-card', /Deactivated, confirmed\./);
    const asked = await driver.next(() => driver.press(dead, 'Undo: activate', 'operator'), /has leaked/);
    const card = await driver.next(() => driver.press(asked, 'Yes, activate', 'operator'), /^Approval needed/);
    expect(await driver.stateOf(token)).toBe('inactive');
    expect(wordsOf(await talk.now(dead))).toContain('Deactivated, confirmed.');

    await talk.press(card, 'Refuse', 'approver');
    expect(wordsOf(await talk.reads(card, /^Refused: activate/))).toContain('NOT activated');
    expect(await driver.stateOf(token)).toBe('inactive');
    expect(wordsOf(await talk.now(dead))).toContain('Deactivated, confirmed.');
  });
});

describe('breaking the glass', () => {
  const reasoned = (text: string) => ({ reason: { reason: { type: 'plain_text_input', value: text } } });

  it('takes a typed reason, acts at once, and is told loudly in the security channel', async () => {
    const token = await talk.mint('glass');
    const question = await talk.ask(`delete ${token.id}`, 'admin', { where: 'general' });
    const card = await talk.next(() => talk.press(question, 'Yes, delete'), /^Approval needed/);
    await talk.press(card, 'Break the glass…');
    const modal = await talk.view('admin', ({ callbackId }) => callbackId === 'patrol:break-glass');
    expect((await talk.submit(modal, reasoned('  '))).body).toMatchObject({ response_action: 'errors' });
    expect(await talk.stateOf(token)).toBe('active');

    const note = await talk.next(
      () => talk.submit(modal, reasoned('attacker is using it right now')),
      ({ channel, text }) => channel === 'C0SECURITY1' && text.startsWith('Glass broken'),
    );
    await talk.becomes(token, 'deleted');
    expect(wordsOf(note)).toMatch(/The glass was broken: <@U0ADMIN0001> went ahead without an approval/);
    expect(wordsOf(note)).toContain('attacker is using it right now');
    await talk.reads(card, /^Glass broken: delete/);
    const result = await sandbox.said(/^Deleted: .*glass/);
    expect(result.channel).toBe('C0GENERAL01');
  });

  it('is not offered to, and not taken from, somebody without that right', async () => {
    const { token, card } = await requested('glass-stays-whole');
    expect(JSON.stringify(card.blocks)).not.toContain('Break the glass');
    const press = {
      actionId: 'patrol:modal:break-glass',
      value: /"value":"([^"{]+)"/.exec(JSON.stringify(card.blocks))![1]!,
    };
    await talk.send(signPress(talk.sender('operator'), { ts: card.ts }, press));
    // The value of another button is signed for that button alone.
    const window = await talk.view('operator', ({ callbackId }) => callbackId === 'patrol:notice');
    expect(JSON.stringify(window.view)).not.toContain('Reason');
    expect(await talk.stateOf(token)).toBe('active');
  });
});

describe('a window for a request that is no more', () => {
  it('says so instead of waiting for ever', async () => {
    const press = { actionId: 'patrol:modal:break-glass', value: 'no-such-request' };
    await talk.send(signPress(talk.sender('admin'), { ts: '1.000001' }, press));
    await talk.idle();
    const window = await talk.view(
      'admin',
      ({ type, callbackId }) => type === 'modal' && callbackId === 'patrol:notice',
    );
    expect(JSON.stringify(window.view)).not.toContain('One moment');
  });
});

describe('a request that nobody could approve', () => {
  it('is said at once instead of waiting for ever', async () => {
    const token = await talk.mint('nobody-there', { provider: 'langsmith', profile: 'langsmith-demo' });
    const answer = await talk.ask(`delete ${token.id}`, 'operator');
    expect(wordsOf(answer)).toMatch(/there is nobody who could approve it/);
    expect(wordsOf(answer)).toMatch(/NOT deleted.*`langsmith-by-its-owner`.*`owner`/s);
    expect(await talk.stateOf(token)).toBe('active');
  });

  it('for a group without members as well', async () => {
    await onCall();
    const token = await talk.mint('empty-group');
    const answer = await talk.ask(`delete ${token.id}`, 'operator');
    expect(wordsOf(answer)).toMatch(/there is nobody who could approve it/);
    expect(await talk.stateOf(token)).toBe('active');
  });
});

describe('a bulk request that needs two people', () => {
  it('starts with the second yes of different people', async () => {
    const tokens = await Promise.all(['two-a', 'two-b', 'two-c'].map((name) => talk.mint(name)));
    const question = await talk.ask(`deactivate ${tokens.map(({ id }) => id).join(' ')}`, 'operator');
    expect(wordsOf(question)).toMatch(/Deactivate 3 tokens\?.*2 other people must approve/s);
    const card = await talk.next(
      () => talk.press(question, 'Yes, deactivate', 'operator'),
      /^Approval needed: may <@\w+> deactivate 3 tokens/,
    );
    await talk.press(card, 'Approve', 'approver');
    const half = await talk.reads(card, /Approved by 1 of 2/);
    await talk.press(half, 'Approve', 'approver');
    await talk.idle();
    expect(await Promise.all(tokens.map(talk.stateOf))).toEqual(['active', 'active', 'active']);
    await talk.next(() => talk.press(half, 'Approve', 'admin'), /^3 tokens: 3 deactivated\./);
    expect(await Promise.all(tokens.map(talk.stateOf))).toEqual(['inactive', 'inactive', 'inactive']);
  });
});
