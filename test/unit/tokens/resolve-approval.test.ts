import { describe, expect, it } from 'vitest';
import type { Policy } from '#shared/policy/policy.ts';
import { Fault } from '#shared/core/fault.ts';
import { askOthers } from '#shared/tokens/ask-others.ts';
import type { Context } from '#shared/tokens/context.ts';
import { type ApprovalPress, type PullLever, resolveApproval, warrantOf } from '#shared/tokens/resolve-approval.ts';
import { placeOrder } from '#shared/tokens/place-order.ts';
import { withoutRecord } from '#test/support/memory-store.ts';
import { addToken, createRoom, NOW, PEOPLE, type Room } from '#test/support/room.ts';

const AT = NOW.toISOString();

/** Everything needs one other person, or more, of a rule that is called so. */
const strict =
  (approvers = 1) =>
  (policy: Policy): void => {
    const [rule] = policy.approvals;
    policy.approvals = [
      {
        ...rule!,
        name: 'strict',
        verbs: ['deactivate', 'delete'],
        fromTokens: 1,
        except: [],
        approvers,
        by: ['approver', 'admin', 'operator'],
        breakGlass: ['admin'],
        expiresMinutes: 60,
      },
    ];
  };

async function opened(room: Room, ids: readonly string[] = ['a']): Promise<string> {
  for (const id of ids) addToken(room, id);
  const asked = await placeOrder(await room.context(PEOPLE.operator), {
    verb: 'delete',
    tokens: ids.map((id) => ({ profile: 'langsmith-demo', id, name: id })),
    requester: PEOPLE.operator,
    requestedAt: AT,
    keepGoing: false,
    caseId: 'C-ABCD2345',
  });
  return asked.kind === 'approval' ? asked.approval.id : expect.fail(asked.kind);
}

type Person = keyof typeof PEOPLE;
const press = async (
  room: Room,
  who: Person,
  more: Omit<ApprovalPress, 'approvalId'> & { readonly approvalId: string },
) => resolveApproval(await room.context(PEOPLE[who]), more, async () => expect.fail('no lever was asked for'));
const last = (room: Room) => room.store.entries.at(-1);

describe('a press on a request for others', () => {
  it('that nobody knows of is told that it has lapsed', async () => {
    const answer = { approvalId: 'gone', answer: 'approve' } as const;
    expect(await press(createRoom(strict()), 'approver', answer)).toEqual({
      result: { kind: 'denied', verb: 'delete', why: 'lapsed', roles: [] },
    });
  });

  it.each<[Person, string, string]>([
    ['approver', 'refused', 'refused'],
    ['operator', 'withdrawn', 'taken back'],
  ])('refuses it: by %s it is %s, and whoever comes later is told by whom', async (who, state, how) => {
    const room = createRoom(strict());
    const approvalId = await opened(room);
    const refused = await room.context(PEOPLE[who]);
    const refuse = () =>
      resolveApproval(refused, { approvalId, answer: 'refuse', reason: 'not now' }, async () =>
        expect.fail('no lever was asked for'),
      );
    const { card, result } = await refuse();
    expect(result).toBeUndefined();
    // Delivered again, it is no other press that comes too late.
    expect((await refuse()).result).toBeUndefined();
    expect(card?.approval).toMatchObject({ state, approvedBy: [], refusedBy: { actor: PEOPLE[who] } });
    expect(last(room)).toMatchObject({
      what: 'refuse',
      rule: 'strict',
      result: 'refused',
      verb: 'delete',
      actor: PEOPLE[who],
      reason: 'not now',
      caseId: 'C-ABCD2345',
      token: { profile: 'langsmith-demo', id: 'a' },
    });
    const entries = room.store.entries.length;
    const late = await press(room, 'admin', { approvalId, answer: 'approve' });
    expect(late.card?.approval.state).toBe(state);
    expect(late.result).toEqual({
      kind: 'denied',
      verb: 'delete',
      why: 'settled',
      settled: { how, by: PEOPLE[who], at: card?.approval.refusedBy?.at },
      roles: [],
    });
    expect(room.store.entries).toHaveLength(entries);
    expect(room.tokens.has('a')).toBe(true);
  });

  it('agrees to it: the last yes settles it, is on record, and the change is told by whom it was allowed', async () => {
    const room = createRoom(strict(2));
    const approvalId = await opened(room);
    const first = await press(room, 'approver', { approvalId, answer: 'approve' });
    expect(first.card?.approval).toMatchObject({ state: 'open', approvedBy: [{ actor: PEOPLE.approver }] });
    expect(first).not.toHaveProperty('result');
    expect(last(room)).toMatchObject({
      what: 'approve',
      result: 'done',
      id: expect.stringMatching(`^approve-${approvalId}-`),
    });
    expect(last(room)).not.toHaveProperty('reason');
    const second = await press(room, 'admin', { approvalId, answer: 'approve' });
    expect(second.card?.approval).toMatchObject({ state: 'done' });
    expect(second.result).toMatchObject({ kind: 'changed' });
    expect(room.tokens.has('a')).toBe(false);
    expect(room.store.entries.find(({ what }) => what === 'delete')).toMatchObject({
      rule: 'approval:strict',
      approvedBy: [PEOPLE.approver, PEOPLE.admin],
    });
    const late = await press(room, 'approver', { approvalId, answer: 'refuse' });
    expect(late.result).toMatchObject({ why: 'settled', settled: { how: 'approved', by: PEOPLE.admin } });
  });

  it('counts to the last moment of its time, and ends it afterwards', async () => {
    for (const [late, state, result] of [
      [0, 'open', 'done'],
      [1, 'lapsed', 'expired'],
    ] as const) {
      const room = createRoom(strict(2));
      const approvalId = await opened(room);
      const record = await room.store.approvals.get(approvalId);
      const then = new Date(Date.parse(record!.expiresAt) + late);
      Object.assign(room.services, { now: () => then });
      const answered = await press(room, 'approver', { approvalId, answer: 'approve' });
      expect(answered.card?.approval.state).toBe(state);
      expect(last(room)).toMatchObject({ what: 'approve', result });
      if (late === 0) continue;
      const lapsed = { kind: 'denied', verb: 'delete', why: 'lapsed', roles: [] };
      expect(answered.result).toEqual(lapsed);
      expect((await press(room, 'admin', { approvalId, answer: 'approve' })).result).toEqual(lapsed);
    }
  });

  it('breaks the glass: for whom the rule names, with their reason, and nobody counts as having agreed', async () => {
    const room = createRoom(strict(2));
    const approvalId = await opened(room);
    const glass = { approvalId, answer: 'break-glass', reason: 'production burns' } as const;
    expect((await press(room, 'approver', glass)).result).toMatchObject({ kind: 'denied', roles: ['admin'] });
    expect((await room.store.approvals.get(approvalId))?.state).toBe('open');
    const { card, result } = await press(room, 'admin', glass);
    expect(result).toMatchObject({ kind: 'changed' });
    expect(card?.approval.brokenGlass).toMatchObject({ actor: PEOPLE.admin, reason: 'production burns' });
    expect(room.store.entries.find(({ what }) => what === 'break-glass')).toMatchObject({
      result: 'done',
      reason: 'production burns',
    });
    expect(room.store.entries.find(({ what }) => what === 'delete')).toMatchObject({ rule: 'break-glass:strict' });
  });

  it('gives nobody a right that they have not: neither who breaks the glass nor who asked', async () => {
    const room = createRoom(strict());
    const approvalId = await opened(room);
    const roles = structuredClone(room.services.policy.roles);
    const without = (name: string) => ({ ...roles, [name]: { ...roles[name]!, may: [] } });
    Object.assign(room.services.policy, { roles: without('admin') });
    const glass = { approvalId, answer: 'break-glass', reason: 'x' } as const;
    expect((await press(room, 'admin', glass)).result).toMatchObject({ kind: 'denied', why: 'no_role' });
    Object.assign(room.services.policy, { roles: without('operator') });
    const { result } = await press(room, 'approver', { approvalId, answer: 'approve' });
    expect(result).toMatchObject({ kind: 'denied', why: 'no_role', whose: 'requester' });
    expect(room.tokens.has('a')).toBe(true);
  });

  it('is no yes of whoever asked', async () => {
    const room = createRoom(strict());
    const approvalId = await opened(room);
    expect(await press(room, 'operator', { approvalId, answer: 'approve' })).toMatchObject({
      result: { kind: 'denied', verb: 'delete', why: 'own_request', roles: ['approver', 'admin', 'operator'] },
    });
    expect(room.store.entries.map(({ what, result, id }) => [what, result, id])).toEqual([
      ['request', 'pending', `request-${approvalId}`],
    ]);
  });
});

const yes = (approvalId: string) => ({ approvalId, answer: 'approve' }) as const;
const no = (approvalId: string) => ({ approvalId, answer: 'refuse' }) as const;
const noLever = async () => expect.fail('no lever was asked for');

/** Lets something happen between what a press has read and what it writes about it. */
function meanwhile(room: Room, happens: () => Promise<unknown>): void {
  const { approvals } = room.store;
  const { change } = approvals;
  Object.assign(approvals, {
    change: async (...given: Parameters<typeof change>) => {
      Object.assign(approvals, { change });
      await happens();
      return change(...given);
    },
  });
}

/** The process dies when it is about to write down that what was approved is done. */
async function dies(room: Room, context: Context, approvalId: string, pull: PullLever = noLever): Promise<void> {
  const { approvals } = room.store;
  const { change } = approvals;
  let writes = 0;
  Object.assign(approvals, {
    change: async (...given: Parameters<typeof change>) => {
      writes += 1;
      return writes === 1 ? change(...given) : Promise.reject(new TypeError('the process dies'));
    },
  });
  await expect(resolveApproval(context, yes(approvalId), pull)).rejects.toThrow('dies');
  Object.assign(approvals, { change });
}

describe('a press that comes again after its process died', () => {
  it('goes on where it stopped, tells what was done, and changes nothing once all is written down', async () => {
    const room = createRoom(strict());
    const approvalId = await opened(room);
    const context = await room.context(PEOPLE.approver);
    await dies(room, context, approvalId);
    expect(room.tokens.has('a')).toBe(false);
    const done = { kind: 'changed', verb: 'delete', already: false };
    const again = await resolveApproval(context, yes(approvalId), noLever);
    expect(again).toMatchObject({ card: { approval: { state: 'done' } }, result: done });
    const record = await room.store.approvals.get(approvalId);
    const entries = room.store.entries.length;
    expect((await resolveApproval(context, yes(approvalId), noLever)).result).toMatchObject(done);
    expect(await room.store.approvals.get(approvalId)).toEqual(record);
    expect(room.store.entries).toHaveLength(entries);
  });

  it('pulls no lever twice', async () => {
    const room = createRoom((policy) => {
      strict()(policy);
      policy.approvals[0]!.verbs = ['lever'];
    });
    const { profile, id, name } = addToken(room, 'a');
    const order = {
      verb: 'lever',
      tokens: [{ profile, id, name }],
      requester: PEOPLE.admin,
      requestedAt: AT,
      lever: { id: 'stop-all', kind: 'langsmith.stop-new-pats' },
      stops: [],
      dies: [],
      keepGoing: false,
    } as const;
    const rule = room.services.policy.approvals[0]!;
    const asked = await askOthers(await room.context(PEOPLE.admin), order, rule);
    const approvalId = asked.kind === 'approval' ? asked.approval.id : expect.fail(asked.kind);
    const pulled = {
      kind: 'unknown_token',
      verb: 'delete',
      asked: 'what was pulled',
      suggestions: [],
      unread: [],
    } as const;
    const pulls: unknown[] = [];
    const pull: PullLever = async (...by) => {
      pulls.push(by);
      return pulled;
    };
    const context = await room.context(PEOPLE.approver);
    await dies(room, context, approvalId, pull);
    const again = await resolveApproval(context, yes(approvalId), pull);
    expect(again).toMatchObject({ card: { approval: { state: 'done' } }, result: pulled });
    const decidedAt = context.attempt.requestedAt;
    expect(pulls).toEqual([[order, { rule: 'approval:strict', approvedBy: [PEOPLE.approver], decidedAt }]]);
  });

  it('stays approved, and not done, while the change is to be tried again', async () => {
    const room = createRoom(strict());
    const approvalId = await opened(room);
    const { providers } = room.services;
    const { open } = providers;
    const failing: typeof open = async (profile) => ({
      ...(await open(profile)),
      delete: () => Promise.reject(new Fault('provider_unavailable', 'down')),
    });
    Object.assign(providers, { open: failing });
    const context = await room.context(PEOPLE.approver);
    expect(await resolveApproval(context, yes(approvalId), noLever)).toMatchObject({
      card: { approval: { id: approvalId, state: 'approved' } },
      result: { kind: 'failed', trouble: { next: 'retrying' } },
    });
    expect(await room.store.approvals.get(approvalId)).toMatchObject({ state: 'approved' });
    Object.assign(providers, { open });
    expect(await resolveApproval(context, yes(approvalId), noLever)).toMatchObject({
      card: { approval: { state: 'done' } },
      result: { kind: 'changed' },
    });
  });
});

describe('a press on a request whose token is gone since', () => {
  const gone = async (change = strict()) => {
    const room = createRoom(change);
    const approvalId = await opened(room);
    room.tokens.delete('a');
    return { room, approvalId };
  };
  const told = (room: Room) => room.store.entries.slice(1).map(({ what, rule, result }) => [what, rule, result]);

  it('agrees to nothing: it ends as needless, which is on record under the rule that would have allowed it', async () => {
    const { room, approvalId } = await gone(strict(2));
    expect(await press(room, 'approver', yes(approvalId))).toMatchObject({
      card: { approval: { id: approvalId, state: 'needless', approvedBy: [] } },
      result: { kind: 'changed', verb: 'delete', already: true },
    });
    expect(told(room)).toEqual([
      ['delete', 'approval:strict', 'already'],
      ['approve', 'strict', 'already'],
    ]);
  });

  it('refuses it all the same', async () => {
    const { room, approvalId } = await gone();
    const refused = await press(room, 'approver', no(approvalId));
    expect(refused.card?.approval.state).toBe('refused');
    expect(refused).not.toHaveProperty('result');
    expect(told(room)).toEqual([['refuse', 'strict', 'refused']]);
    // What comes later is told of that, and nothing more is on record.
    expect((await press(room, 'admin', yes(approvalId))).result).toMatchObject({ settled: { how: 'refused' } });
    expect(told(room)).toHaveLength(1);
  });

  it.each([
    [0, 'needless', 'already'],
    [1, 'lapsed', 'expired'],
  ] as const)('%i ms after the last moment of its time ends it as %s', async (late, state, result) => {
    const { room, approvalId } = await gone();
    const record = await room.store.approvals.get(approvalId);
    Object.assign(room.services, { now: () => new Date(Date.parse(record!.expiresAt) + late) });
    expect((await press(room, 'approver', yes(approvalId))).card?.approval.state).toBe(state);
    expect(last(room)).toMatchObject({ what: 'approve', result });
  });

  it('comes too late where somebody has refused it in the same moment', async () => {
    const { room, approvalId } = await gone();
    meanwhile(room, () => press(room, 'admin', no(approvalId)));
    expect(await press(room, 'approver', yes(approvalId))).toMatchObject({
      card: { approval: { state: 'refused' } },
      result: { kind: 'denied', why: 'settled', settled: { how: 'refused', by: PEOPLE.admin } },
    });
    expect(told(room).map(([what]) => what)).toEqual(['delete', 'refuse']);
  });
});

describe('a press whose process dies when its line is to be written', () => {
  const ends = [
    ['approve', 'in time', 'done'],
    ['break-glass', 'in time', 'done'],
    ['refuse', 'in time', 'refused'],
    ['approve', 'too late', 'expired'],
    ['refuse', 'too late', 'expired'],
    ['approve', 'for what is so already', 'already'],
  ] as const;
  it.each(ends)('%s, %s, is on record after its replay', async (answer, when, result) => {
    const room = createRoom(strict(2));
    const approvalId = await opened(room);
    const stored = await room.store.approvals.get(approvalId);
    if (when === 'too late') {
      Object.assign(room.services, { now: () => new Date(Date.parse(stored!.expiresAt) + 1) });
    }
    if (when === 'for what is so already') room.tokens.delete('a');
    const context = await room.context(PEOPLE.admin);
    const pressing = { approvalId, answer, reason: 'it burns' } as const;
    const store = withoutRecord(room.store, ({ what }) => what === answer);
    const dying = { ...context, services: { ...room.services, store } };
    await expect(resolveApproval(dying, pressing, noLever)).rejects.toThrow('the process dies');
    await resolveApproval(context, pressing, noLever);
    expect(room.store.entries.filter(({ what }) => what === answer)).toMatchObject([{ rule: 'strict', result }]);
  });
});

describe('of two presses in the same moment', () => {
  it('a yes comes too late behind a no', async () => {
    const room = createRoom(strict());
    const approvalId = await opened(room);
    meanwhile(room, () => press(room, 'admin', no(approvalId)));
    expect(await press(room, 'approver', yes(approvalId))).toMatchObject({
      card: { approval: { state: 'refused', approvedBy: [] } },
      result: { kind: 'denied', why: 'settled', settled: { how: 'refused', by: PEOPLE.admin } },
    });
    expect(room.tokens.has('a')).toBe(true);
  });

  it('one of the same person settles it, and the other is told so', async () => {
    const room = createRoom(strict());
    const approvalId = await opened(room);
    meanwhile(room, () => press(room, 'approver', yes(approvalId)));
    const second = await press(room, 'approver', yes(approvalId));
    expect(second.result).toMatchObject({ kind: 'denied', why: 'settled', settled: { how: 'approved' } });
    expect(room.store.entries.map(({ what }) => what)).toEqual(['request', 'approve', 'delete']);
  });

  it('a second yes of somebody is told who has settled it, where it is settled', async () => {
    const room = createRoom(strict(2));
    const approvalId = await opened(room);
    await press(room, 'approver', yes(approvalId));
    expect((await press(room, 'approver', yes(approvalId))).result).toMatchObject({
      kind: 'already_voted',
      missing: 1,
    });
    meanwhile(room, () => press(room, 'admin', yes(approvalId)));
    const by = { how: 'approved', by: PEOPLE.admin };
    expect((await press(room, 'approver', yes(approvalId))).result).toMatchObject({ why: 'settled', settled: by });
  });

  it('nobody is said to have approved what broken glass let through', async () => {
    const room = createRoom(strict(2));
    const approvalId = await opened(room);
    await press(room, 'admin', { approvalId, answer: 'break-glass', reason: 'production burns' });
    const { result } = await press(room, 'approver', yes(approvalId));
    const how = 'let through by broken glass';
    expect(result).toMatchObject({ why: 'settled', settled: { how, by: PEOPLE.admin } });
  });

  it('nobody is said to have approved what was needless by then', async () => {
    const room = createRoom(strict(2));
    const approvalId = await opened(room);
    await press(room, 'approver', yes(approvalId));
    room.tokens.clear();
    expect((await press(room, 'admin', yes(approvalId))).card?.approval.state).toBe('needless');
    const { result } = await press(room, 'approver', yes(approvalId));
    expect(result).toEqual({ kind: 'denied', verb: 'delete', why: 'settled', roles: [] });
  });

  it('the one who settled a request of one yes is named to whoever comes later', async () => {
    const room = createRoom(strict());
    const approvalId = await opened(room);
    await press(room, 'approver', yes(approvalId));
    const { result } = await press(room, 'admin', yes(approvalId));
    expect(result).toMatchObject({ why: 'settled', settled: { how: 'approved', by: PEOPLE.approver } });
  });
});

describe('who presses', () => {
  /** The same policy, under which an id of the organisation may agree too; and what Slack tells of addresses. */
  const withTwoIds = async (approvers: number, addresses: Readonly<Record<string, string>>) => {
    const room = createRoom((policy) => {
      strict(approvers)(policy);
      policy.roles['approver']!.users.push(ORGANISATION.userId);
    });
    Object.assign(room.services.people, { emailOf: async (userId: string) => addresses[userId] });
    return { room, approvalId: await opened(room) };
  };
  const ORGANISATION = { ...PEOPLE.approver, userId: 'W0SECOND001' };
  const pressed = async (room: Room, actor: typeof ORGANISATION, given: ApprovalPress) =>
    resolveApproval(await room.context(actor), given, noLever);
  const [me, other] = ['anna@example.com', 'ben@example.com'];

  it.each([
    ['the requester’s', { [PEOPLE.operator.userId]: me, [ORGANISATION.userId]: me }, 'own_request'],
    ['one that Slack cannot tell from the requester’s', { [ORGANISATION.userId]: me }, 'maybe_same'],
  ])('by a second id, %s, agrees to nothing, and may refuse', async (_, addresses, why) => {
    const { room, approvalId } = await withTwoIds(1, addresses);
    expect((await pressed(room, ORGANISATION, yes(approvalId))).result).toEqual({
      kind: 'denied',
      verb: 'delete',
      why,
      roles: ['approver', 'admin', 'operator'],
    });
    expect(room.tokens.has('a')).toBe(true);
    expect((await pressed(room, ORGANISATION, no(approvalId))).card?.approval.state).toBe('refused');
  });

  it('by an id of the organisation agrees, where the address is another’s', async () => {
    const { room, approvalId } = await withTwoIds(1, { [PEOPLE.operator.userId]: other, [ORGANISATION.userId]: me });
    expect((await pressed(room, ORGANISATION, yes(approvalId))).result).toMatchObject({ kind: 'changed' });
  });

  it('by a second id counts once', async () => {
    const addresses = { [PEOPLE.operator.userId]: other, [PEOPLE.approver.userId]: me, [ORGANISATION.userId]: me };
    const { room, approvalId } = await withTwoIds(2, addresses);
    await press(room, 'approver', yes(approvalId));
    const again = await pressed(room, ORGANISATION, yes(approvalId));
    expect(again.result).toMatchObject({ kind: 'already_voted', missing: 1 });
    expect(room.tokens.has('a')).toBe(true);
  });

  it('by an id of the organisation is not taken for somebody who agrees in the same moment', async () => {
    const addresses = { [PEOPLE.operator.userId]: other, [PEOPLE.approver.userId]: other, [ORGANISATION.userId]: me };
    const { room, approvalId } = await withTwoIds(2, addresses);
    meanwhile(room, () => press(room, 'approver', yes(approvalId)));
    expect((await pressed(room, ORGANISATION, yes(approvalId))).result).toMatchObject({ kind: 'changed' });
  });

  it('takes a request back that was asked from another of our workspaces', async () => {
    const room = createRoom((policy) => {
      strict()(policy);
      policy.teams.push('T0OURS2');
    });
    const approvalId = await opened(room);
    const elsewhere = { ...PEOPLE.operator, teamId: 'T0OURS2' };
    const { card, result } = await pressed(room, elsewhere, no(approvalId));
    expect([result, card?.approval.state]).toEqual([undefined, 'withdrawn']);
  });

  it('by a second id agrees to nothing where Slack cannot tell it from somebody’s who agreed before', async () => {
    const addresses = { [PEOPLE.operator.userId]: other, [ORGANISATION.userId]: me };
    const { room, approvalId } = await withTwoIds(2, addresses);
    await press(room, 'approver', yes(approvalId));
    expect((await pressed(room, ORGANISATION, yes(approvalId))).result).toMatchObject({ why: 'maybe_same' });
    expect((await room.store.approvals.get(approvalId))?.approvedBy).toHaveLength(1);
  });

  it('without a right to agree refuses nothing either; nor does who has the requester’s id elsewhere', async () => {
    const room = createRoom(strict());
    const approvalId = await opened(room);
    const record = await room.store.approvals.get(approvalId);
    expect((await press(room, 'viewer', no(approvalId))).result).toMatchObject({ why: 'not_an_approver' });
    expect((await press(room, 'viewer', yes(approvalId))).result).toMatchObject({ why: 'not_an_approver' });
    const elsewhere = { ...PEOPLE.operator, teamId: PEOPLE.stranger.teamId };
    expect((await pressed(room, elsewhere, no(approvalId))).result).toMatchObject({ why: 'other_workspace' });
    expect(await room.store.approvals.get(approvalId)).toEqual(record);
  });

  it('may break the glass after having agreed, without a reason where none is asked for', async () => {
    const room = createRoom(strict(2));
    const approvalId = await opened(room);
    await press(room, 'admin', yes(approvalId));
    const { card, result } = await press(room, 'admin', { approvalId, answer: 'break-glass' });
    expect(result).toMatchObject({ kind: 'changed' });
    expect(card?.approval.brokenGlass).toMatchObject({ actor: PEOPLE.admin, reason: '' });
    expect(room.store.entries.find(({ what }) => what === 'delete')).toMatchObject({
      rule: 'break-glass:strict',
      approvedBy: [PEOPLE.admin],
    });
  });

  it('has those who agreed before looked up anew', async () => {
    const room = createRoom((policy) => {
      strict(2)(policy);
      policy.roles['approver']!.groups.push('S0ONCALL001');
    });
    const asked: unknown[] = [];
    const of = async (userId: string, how: { readonly fresh?: boolean } = {}) => {
      asked.push([userId, how.fresh]);
      return new Set<string>();
    };
    const approvalId = await opened(room);
    await press(room, 'approver', yes(approvalId));
    Object.assign(room.services.groups, { of });
    await press(room, 'admin', yes(approvalId));
    expect(asked).toContainEqual([PEOPLE.approver.userId, true]);
    expect(asked).not.toContainEqual([PEOPLE.approver.userId, false]);
  });
});

describe('a request for others', () => {
  it('is opened once for the same change, whoever asks and in whatever order', async () => {
    const room = createRoom(strict(2));
    const approvalId = await opened(room, ['a', 'b']);
    await press(room, 'approver', { approvalId, answer: 'approve' });
    const again = async (verb: 'delete' | 'deactivate', ids: readonly string[]) =>
      placeOrder(await room.context(PEOPLE.admin), {
        verb,
        tokens: ids.map((id) => ({ profile: 'langsmith-demo', id, name: id })),
        requester: PEOPLE.admin,
        requestedAt: AT,
        keepGoing: false,
      });
    const record = await room.store.approvals.get(approvalId);
    expect(await again('delete', ['b', 'a'])).toEqual({
      kind: 'asked_before',
      verb: 'delete',
      by: PEOPLE.operator,
      at: AT,
      missing: 1,
      expiresAt: record?.expiresAt,
    });
    expect(await again('deactivate', ['a', 'b'])).toMatchObject({ kind: 'approval' });
    expect(await again('delete', ['a'])).toMatchObject({ kind: 'approval' });
    Object.assign(room.services, { now: () => new Date(Date.parse(record!.expiresAt) + 1) });
    expect(await again('delete', ['a', 'b'])).toMatchObject({ kind: 'approval' });
  });
});

describe('warrantOf', () => {
  const marked = (who: Person, at: string) => ({ actor: PEOPLE[who], at });
  const given = (more: object) => warrantOf({ rule: 'strict', approvedBy: [], ...more } as never);

  it('names the rule and all who agreed', () => {
    expect(given({ approvedBy: [marked('approver', '1'), marked('admin', '2')] })).toEqual({
      rule: 'approval:strict',
      approvedBy: [PEOPLE.approver, PEOPLE.admin],
    });
  });

  it('does not count the press that broke the glass, but what the same person had agreed to before', () => {
    const approvedBy = [marked('admin', '1'), marked('approver', '3'), marked('admin', '3')];
    expect(given({ approvedBy, brokenGlass: { ...marked('admin', '3'), reason: 'x' } })).toEqual({
      rule: 'break-glass:strict',
      approvedBy: [PEOPLE.admin, PEOPLE.approver],
      brokenGlassBy: PEOPLE.admin,
    });
  });
});

describe('a yes whose giver nobody can look up when the next one comes', () => {
  /** Whoever approves by a group, which Slack tells or not. */
  async function grouped() {
    const room = createRoom((policy) => {
      strict(2)(policy);
      Object.assign(policy.roles['approver']!, { users: [], groups: ['S0APPROVERS'] });
    });
    const slack = { tells: true };
    const of = async (userId: string) => {
      if (!slack.tells) return 'unavailable' as const;
      return new Set(userId === PEOPLE.approver.userId ? ['S0APPROVERS'] : []);
    };
    Object.assign(room.services.groups, { of, members: async () => [PEOPLE.approver.userId] });
    const approvalId = await opened(room);
    await press(room, 'approver', yes(approvalId));
    slack.tells = false;
    return { room, slack, approvalId };
  }
  const voters = async (room: Room, approvalId: string) =>
    (await room.store.approvals.get(approvalId))?.approvedBy.map(({ actor }) => actor.userId);

  it('is not lost: the next one is tried again, and both count', async () => {
    const { room, slack, approvalId } = await grouped();
    await expect(press(room, 'admin', yes(approvalId))).rejects.toMatchObject({ code: 'slack_unavailable' });
    expect(await voters(room, approvalId)).toEqual([PEOPLE.approver.userId]);
    slack.tells = true;
    expect((await press(room, 'admin', yes(approvalId))).result).toMatchObject({ kind: 'changed' });
  });

  it.each(['refuse', 'break-glass'] as const)('holds up no answer that needs none: %s', async (answer) => {
    const { room, approvalId } = await grouped();
    const { card } = await press(room, 'admin', { approvalId, answer, reason: 'production burns' });
    expect(card?.approval).toMatchObject({ state: answer === 'refuse' ? 'refused' : 'done' });
    expect(await voters(room, approvalId)).toContain(PEOPLE.approver.userId);
  });
});
