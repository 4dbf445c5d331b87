import { describe, expect, it } from 'vitest';
import type { Policy } from '#shared/policy/policy.ts';
import { type ApprovalPress, resolveApproval, warrantOf } from '#shared/tokens/resolve-approval.ts';
import { placeOrder } from '#shared/tokens/place-order.ts';
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
    const { card, result } = await press(room, who, { approvalId, answer: 'refuse', reason: 'not now' });
    expect(result).toBeUndefined();
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
