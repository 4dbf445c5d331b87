import { describe, expect, it } from 'vitest';
import { Fault } from '#shared/core/fault.ts';
import type { ApprovalDueJob, LeakJob } from '#shared/jobs/job.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { createApprovalMessenger } from '#shared/slack/approval-messenger.ts';
import type { Message } from '#shared/slack/blocks/bricks.ts';
import type { Reply } from '#shared/slack/reply.ts';
import { placeOrder } from '#shared/tokens/place-order.ts';
import type { Services } from '#shared/tokens/services.ts';
import { addToken, createRoom, NOW, PEOPLE } from '#test/support/room.ts';

interface Said {
  readonly how: string;
  readonly to: string | undefined;
  readonly text: string;
  readonly buttons: boolean;
}

async function asked(change?: (policy: Policy) => unknown) {
  const room = createRoom(change);
  const clock = { now: NOW, setsBack: false };
  const tell = () => {
    const { now } = clock;
    if (clock.setsBack) clock.now = NOW;
    return now;
  };
  const jobs: { readonly job: LeakJob; readonly delaySeconds: number }[] = [];
  const { notes } = room.store;
  const put: typeof notes.put = (...note) => {
    if (slack.diesAt !== undefined && (slack.diesAt -= 1) <= 0) return Promise.reject(new Error('the process dies'));
    return notes.put(...note);
  };
  const services: Services = {
    ...room.services,
    store: { ...room.store, notes: { ...notes, put } },
    now: tell,
    sendLater: async (sent, delaySeconds) => void jobs.push(...sent.map((job) => ({ job, delaySeconds }))),
  };
  const said: Said[] = [];
  /** `diesAt`: which note, counted from now, is the first that is not written, and none after it. */
  const slack: { losesEdits: boolean; losesTo?: string; losesAnswerTo?: string; diesAt?: number } = {
    losesEdits: false,
  };
  /** What each message says last. */
  const shown = new Map<string, string>();
  const note = (how: string, to: string | undefined, { text, blocks }: Message, ts = `${shown.size + 1}.0`) => {
    said.push({ how, to, text, buttons: blocks.some(({ type }) => type === 'actions') });
    shown.set(ts, text);
    return { channel: `D-${to}`, ts };
  };
  const never = () => Promise.reject(new Error('nothing of the kind is said'));
  const reply: Reply = {
    find: async () => undefined,
    post: async ({ channel }, message) => note('post', channel, message),
    edit: async ({ channel, ts }, message) => {
      if (slack.losesEdits) throw new Fault('slack_unavailable', 'chat.update: no answer', { retryAfterSeconds: 10 });
      note('edit', channel, message, ts);
    },
    tell: async (userId, message) => {
      if (slack.losesTo === userId) throw new Fault('slack_unavailable', 'chat.postMessage: no answer');
      const posted = note('tell', userId, message);
      if (slack.losesAnswerTo === userId) throw new Fault('slack_unavailable', 'chat.postMessage: no answer');
      return posted;
    },
    whisper: never,
    note: never,
    upload: never,
    updateView: never,
    publishHome: never,
  };
  const messenger = createApprovalMessenger({ services, reply });
  addToken(room, 'laptop');
  const context = { ...(await room.context(PEOPLE.operator)), services };
  const tokens = [{ profile: 'langsmith-demo', id: 'laptop', name: 'laptop' }];
  const order = { verb: 'delete', tokens, requester: PEOPLE.operator, keepGoing: false } as const;
  const outcome = await placeOrder(context, { ...order, requestedAt: NOW.toISOString() });
  const id =
    outcome.kind === 'approval'
      ? outcome.approval.id
      : outcome.kind === 'no_approver'
        ? outcome.approvalId!
        : expect.fail(outcome.kind);
  const become = (next: object) => room.store.approvals.change(id, (record) => ({ ...record, ...next }));
  await become({ message: { channel: 'C0SECURITY1', ts: '1.1' } });
  const due = async (step: ApprovalDueJob['step'], minutes: number) => {
    clock.now = new Date(NOW.getTime() + minutes * 60_000);
    const planned = jobs.map(({ job }) => job).findLast((job) => job.kind === 'approval-due' && job.step === step);
    await messenger.due(planned as ApprovalDueJob);
  };
  const take = () => said.splice(0);
  return { room, id, clock, slack, shown, become, messenger, jobs, due, take };
}

describe('those who may agree to a request', () => {
  it('are each told once, with buttons, and see how it ended without any', async () => {
    const { id, become, messenger, take } = await asked();
    await messenger.follow(id);
    await messenger.follow(id);
    expect(take()).toMatchObject(
      [
        { how: 'tell', to: PEOPLE.approver.userId, text: /has asked for agreement/, buttons: false },
        { how: 'tell', to: PEOPLE.admin.userId, text: /has asked for agreement/, buttons: false },
        { how: 'edit', to: `D-${PEOPLE.approver.userId}`, text: /^Approval needed/, buttons: true },
        { how: 'edit', to: `D-${PEOPLE.admin.userId}`, text: /^Approval needed/, buttons: true },
      ].map((one) => ({ ...one, text: expect.stringMatching(one.text) })),
    );
    await become({ state: 'refused', refusedBy: { actor: PEOPLE.admin, at: NOW.toISOString() } });
    await messenger.follow(id);
    const ended = take();
    expect(ended.map(({ how, buttons }) => [how, buttons])).toEqual([
      ['edit', false],
      ['edit', false],
    ]);
    expect(ended[0]?.text).toMatch(/^Refused: delete/);
  });

  it('see the newest state although an edit that was not answered comes over it', async () => {
    const { id, clock, slack, become, messenger, take } = await asked();
    await messenger.follow(id);
    take();
    const vote = { actor: PEOPLE.admin, at: NOW.toISOString() };
    await become({ approvedBy: [vote], needed: 2 });
    slack.losesEdits = true;
    await expect(messenger.follow(id)).rejects.toMatchObject({ retryAfterSeconds: 10 });
    slack.losesEdits = false;
    await become({ state: 'refused', refusedBy: vote });
    clock.now = new Date(NOW.getTime() + 4000);
    await messenger.follow(id);
    await messenger.follow(id);
    expect(take().map(({ how, text }) => [how, text.slice(0, 7)])).toEqual([
      ['edit', 'Refused'],
      ['edit', 'Refused'],
    ]);
    // It has come by now, and whoever made it is back.
    clock.now = new Date(NOW.getTime() + 14_000);
    await messenger.follow(id);
    await messenger.follow(id);
    expect(take().map(({ how, text }) => [how, text.slice(0, 7)])).toEqual([
      ['edit', 'Refused'],
      ['edit', 'Refused'],
    ]);
  });

  it('are told once each, also where one of them could not be told at first', async () => {
    const { id, slack, become, messenger, take } = await asked();
    slack.losesTo = PEOPLE.admin.userId;
    await expect(messenger.follow(id)).rejects.toThrow('no answer');
    delete slack.losesTo;
    await messenger.follow(id);
    expect(take().map(({ how, to }) => [how, to])).toEqual([
      ['tell', PEOPLE.approver.userId],
      ['edit', `D-${PEOPLE.approver.userId}`],
      ['tell', PEOPLE.admin.userId],
      ['edit', `D-${PEOPLE.approver.userId}`],
      ['edit', `D-${PEOPLE.admin.userId}`],
    ]);
    await become({ state: 'withdrawn' });
    await messenger.follow(id);
    expect(take().map(({ how }) => how)).toEqual(['edit', 'edit']);
  });

  it('are not told of what is decided before they could be', async () => {
    const { id, slack, become, messenger, take } = await asked();
    slack.losesTo = PEOPLE.admin.userId;
    await expect(messenger.follow(id)).rejects.toThrow('no answer');
    delete slack.losesTo;
    await become({ state: 'withdrawn' });
    await messenger.follow(id);
    await messenger.follow(id);
    expect(take().map(({ how, to }) => [how, to])).toEqual([
      ['tell', PEOPLE.approver.userId],
      ['edit', `D-${PEOPLE.approver.userId}`],
      ['edit', `D-${PEOPLE.approver.userId}`],
    ]);
  });

  describe.each(['open', 'refused'])('of a request that is %s by the next delivery', (state) => {
    const again = async ({ id, become, messenger }: Awaited<ReturnType<typeof asked>>) => {
      await become({ state });
      await messenger.follow(id);
    };
    const STAYS_TRUE =
      /^<@U0OPERATOR1> has asked for agreement: delete `laptop`\. Its card in <#C0SECURITY1> says how it stands\./;
    const now = state === 'open' ? /^Approval needed/ : /^Refused/;

    it.each([
      ['the process died before it had noted any', { diesAt: 1 }],
      ['Slack took one, and its answer was lost', { losesAnswerTo: PEOPLE.admin.userId }],
    ])('have no copy that says what is not so: %s', async (_, misfortune) => {
      const one = await asked();
      Object.assign(one.slack, misfortune);
      await expect(one.messenger.follow(one.id)).rejects.toThrow();
      Object.assign(one.slack, { diesAt: undefined, losesAnswerTo: undefined });
      await again(one);
      const texts = [...one.shown.values()].filter((text) => !STAYS_TRUE.test(text));
      expect(texts).toEqual(texts.map(() => expect.stringMatching(now)));
      expect(texts.length).toBeLessThanOrEqual(2);
    });

    it('have the copy brought up to date that was noted before the process died', async () => {
      const one = await asked();
      one.slack.diesAt = 2;
      await expect(one.messenger.follow(one.id)).rejects.toThrow('the process dies');
      delete one.slack.diesAt;
      one.take();
      await again(one);
      const said = one.take();
      const ofFirst = said.filter(({ to = '' }) => to.includes(PEOPLE.approver.userId));
      expect(ofFirst).toMatchObject([{ how: 'edit', text: expect.stringMatching(now) }]);
      const isTold = said.some(({ how, to }) => how === 'tell' && to === PEOPLE.admin.userId);
      expect(isTold).toBe(state === 'open');
    });
  });

  it('get no button where their yes would not count', async () => {
    const { id, messenger, take } = await asked((policy) => {
      policy.roles['approver']!.channels = ['C0SECURITY1'];
    });
    await messenger.follow(id);
    const cards = take().filter(({ how }) => how === 'edit');
    expect(cards.map(({ to, buttons }) => [to, buttons])).toEqual([
      [`D-${PEOPLE.approver.userId}`, false],
      [`D-${PEOPLE.admin.userId}`, true],
    ]);
  });

  it('are reminded once before it lapses, and never of what is decided', async () => {
    const { id, become, messenger, jobs, due, take } = await asked();
    await messenger.follow(id);
    const planned = jobs.map(({ job, delaySeconds }) => {
      const { step, at } = job as ApprovalDueJob;
      return [step, Math.round((Date.parse(at) - NOW.getTime()) / 60_000), delaySeconds / 60];
    });
    expect(planned).toEqual([
      ['lapse', 60, 15],
      ['remind', 45, 15],
    ]);
    take();
    // SQS keeps nothing back for so long: it is put back until its time has come.
    await due('remind', 15);
    expect([take(), jobs.length]).toEqual([[], 3]);
    await due('remind', 45);
    const reminded = take();
    expect(reminded.map(({ how, to }) => [how, to])).toEqual([
      ['post', 'C0SECURITY1'],
      ['tell', PEOPLE.approver.userId],
      ['tell', PEOPLE.admin.userId],
    ]);
    // Nobody changes it once that is decided, so it says nothing that would be untrue by then.
    expect(reminded[0]?.text).toMatch(
      /^Reminder of a request that was still waiting: delete `laptop`, asked by <@U0OPERATOR1>\. Without .* Its card says/,
    );
    expect(reminded[0]?.text).not.toMatch(/nothing has been done|is still/i);
    await become({ state: 'refused' });
    await due('remind', 45);
    await due('lapse', 61);
    expect(take()).toEqual([]);
  });

  it('see that it has lapsed, without anybody pressing, and so does the record', async () => {
    const { room, id, messenger, due, take } = await asked();
    await messenger.follow(id);
    take();
    await due('lapse', 61);
    const said = take();
    expect(said.map(({ how, to, buttons }) => [how, to, buttons])).toEqual([
      ['edit', 'C0SECURITY1', false],
      ['edit', `D-${PEOPLE.approver.userId}`, false],
      ['edit', `D-${PEOPLE.admin.userId}`, false],
    ]);
    expect(said[0]?.text).toMatch(/^Lapsed without approval/);
    expect(room.store.entries.at(-1)).toMatchObject({ what: 'request', result: 'expired', verb: 'delete' });
    expect(room.tokens.get('laptop')?.state).toBe('active');
  });

  it('see that it has lapsed, also where the clock is set back right after its time has come', async () => {
    const { room, id, clock, messenger, due, take } = await asked();
    await messenger.follow(id);
    take();
    const { get } = room.store.approvals;
    clock.setsBack = true;
    await due('lapse', 61);
    expect(take()[0]?.text).toMatch(/^Lapsed without approval/);
    expect(await get(id)).toMatchObject({ state: 'lapsed' });
  });

  it('need not be any: a request that nobody could agree to lapses too, where it was told and on record', async () => {
    const { room, id, due, take } = await asked((policy) => {
      for (const rule of policy.approvals) Object.assign(rule, { approvers: 2, by: ['approver', 'operator'] });
    });
    await due('lapse', 61);
    expect(take()).toMatchObject([{ how: 'edit', to: 'C0SECURITY1', text: expect.stringMatching(/^Lapsed/) }]);
    expect(room.store.entries.at(-1)).toMatchObject({ id: `lapse-${id}`, what: 'request', result: 'expired' });
  });

  it('are reminded once, also by a job that comes twice at once', async () => {
    const { id, messenger, due, take } = await asked();
    await messenger.follow(id);
    take();
    await Promise.all([due('remind', 45), due('remind', 45)]);
    expect(take().map(({ how }) => how)).toEqual(['post', 'tell', 'tell']);
    await due('remind', 46);
    expect(take()).toEqual([]);
  });

  it('see that it has lapsed, and so does the record, once, where the attempt that ended it died before it could say so', async () => {
    const { room, id, become, messenger, due, take } = await asked();
    await messenger.follow(id);
    await become({ state: 'lapsed' });
    take();
    await due('lapse', 61);
    await due('lapse', 62);
    expect(take().map(({ how, to }) => [how, to])).toEqual(
      expect.arrayContaining([
        ['edit', 'C0SECURITY1'],
        ['edit', `D-${PEOPLE.approver.userId}`],
      ]),
    );
    const ends = room.store.entries.filter(({ result }) => result === 'expired');
    expect(new Set(ends.map(({ at, id: name }) => `${at} ${name}`)).size).toBe(1);
    expect(ends.length).toBeGreaterThan(0);
  });
});
