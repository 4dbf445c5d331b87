import { describe, expect, it } from 'vitest';
import type { Actor } from '#shared/core/vocabulary.ts';
import { openedBefore } from '#shared/tokens/ask-others.ts';
import type { Context } from '#shared/tokens/context.ts';
import { placeOrder } from '#shared/tokens/place-order.ts';
import { addToken, createRoom, NOW, PEOPLE, type Room } from '#test/support/room.ts';

/** A room in which every change needs one other person; the group of the role `board` has no member. */
function strict(by: readonly string[] = ['approver', 'admin']): Room {
  const room = createRoom((policy) => {
    policy.roles['board'] = {
      users: [],
      groups: ['S0BOARD0001'],
      channels: '*',
      may: [{ verbs: ['list'], profiles: '*' }],
    };
    policy.approvals = policy.approvals.map((rule) => ({ ...rule, fromTokens: 1, except: [], by: [...by] }));
  });
  addToken(room, 'laptop');
  return room;
}

const order = (requester: Actor, verb: 'delete' | 'deactivate' = 'delete') => ({
  verb,
  tokens: [{ profile: 'langsmith-demo', id: 'laptop', name: 'laptop' }],
  requester,
  requestedAt: NOW.toISOString(),
  keepGoing: false,
  reason: 'contract ended',
});
const ask = async (room: Room, who: Actor, more: Partial<Context> = {}) =>
  placeOrder({ ...(await room.context(who)), ...more }, order(who));

describe('a request that waits for others', () => {
  it('is not opened a second time for the same change: whoever asks is led to the first', async () => {
    const room = strict();
    expect(await ask(room, PEOPLE.operator)).toMatchObject({ kind: 'approval' });
    expect(await ask(room, PEOPLE.admin)).toMatchObject({
      kind: 'asked_before',
      verb: 'delete',
      by: PEOPLE.operator,
      missing: 1,
    });
    expect(await room.store.approvals.list({ limit: 10 })).toHaveLength(1);
  });

  it('keeps no other change of the same token back', async () => {
    const room = strict();
    await ask(room, PEOPLE.operator);
    const context = await room.context(PEOPLE.admin);
    expect(await placeOrder(context, order(PEOPLE.admin, 'deactivate'))).toMatchObject({ kind: 'approval' });
    expect(await room.store.approvals.list({ limit: 10 })).toHaveLength(2);
  });

  it('keeps nobody back when its time is over', async () => {
    const room = strict();
    await ask(room, PEOPLE.operator);
    const later = new Date(NOW.getTime() + 30 * 24 * 3600 * 1000);
    const context = await room.context(PEOPLE.admin);
    const asked = await ask(room, PEOPLE.admin, {
      services: { ...room.services, now: () => later },
      attempt: { ...context.attempt, requestedAt: later.toISOString() },
    });
    expect(asked).toMatchObject({ kind: 'approval', approval: { order: { requester: PEOPLE.admin } } });
  });

  it('is on record, and says that nobody could agree to it where that is so', async () => {
    const room = strict(['board']);
    expect(await ask(room, PEOPLE.operator)).toMatchObject({
      kind: 'no_approver',
      roles: ['board'],
      could: 0,
      needed: 1,
    });
    expect(await room.store.audit.query({ limit: 10 })).toMatchObject([
      { actor: PEOPLE.operator, what: 'request', result: 'pending', verb: 'delete', reason: 'contract ended' },
    ]);
    // Of a request to which nobody can agree none is kept back.
    expect(await ask(room, PEOPLE.admin)).toMatchObject({ kind: 'no_approver' });
  });

  it('is found again by the attempt after the one that died with it', async () => {
    const room = strict();
    const context = await room.context(PEOPLE.operator);
    expect(await openedBefore(context)).toBeUndefined();
    await placeOrder(context, order(PEOPLE.operator));
    const { attempt } = context;
    const again = { ...context, attempt: { ...attempt, journal: { ...attempt.journal, attempt: 2 } } };
    const [approval] = await room.store.approvals.list({ limit: 1 });
    expect((await openedBefore(again))?.id).toBe(approval?.id);
    expect(await placeOrder(again, order(PEOPLE.operator))).toMatchObject({
      kind: 'approval',
      approval: { id: approval?.id },
    });
    expect(await room.store.approvals.list({ limit: 10 })).toHaveLength(1);
  });
});
