import { describe, expect, it } from 'vitest';
import type { Order } from '#shared/core/vocabulary.ts';
import { placeOrder, rightTo } from '#shared/tokens/place-order.ts';
import { addToken, createRoom, NOW, PEOPLE, type Room } from '#test/support/room.ts';

const place = async (room: Room, ids: readonly string[]) =>
  placeOrder(await room.context(PEOPLE.operator), {
    verb: 'deactivate',
    tokens: ids.map((id) => ({ profile: 'langsmith-demo', id, name: id })),
    requester: PEOPLE.operator,
    requestedAt: NOW.toISOString(),
    keepGoing: false,
  });

describe('a request for others', () => {
  /** Three tokens and more need somebody else. */
  const limited = () => {
    const room = createRoom((policy) => {
      const [rule] = policy.approvals;
      policy.approvals = [{ ...rule!, verbs: ['deactivate'], fromTokens: 3, approvers: 1, except: [] }];
    });
    for (const id of ['a', 'b', 'c', 'd']) addToken(room, id);
    return room;
  };

  it('says with how many others it was counted, which the same person had changed alone before', async () => {
    const room = limited();
    expect(await place(room, ['a'])).toMatchObject({ kind: 'changed' });
    expect(await place(room, ['b'])).toMatchObject({ kind: 'changed' });
    expect(await place(room, ['c'])).toMatchObject({ kind: 'approval', approval: { order: { countedWith: 2 } } });
    expect(room.tokens.get('c')?.state).toBe('active');
  });

  it('says nothing of others where it is large enough alone', async () => {
    const asked = await place(limited(), ['a', 'b', 'c']);
    const order = asked.kind === 'approval' ? asked.approval.order : expect.fail(asked.kind);
    expect(order).not.toHaveProperty('countedWith');
  });
});

describe('the right to an order', () => {
  it('is that of its last profile, and of any where it has none', async () => {
    const room = createRoom((policy) => {
      const may = (profile: string) => [{ verbs: ['deactivate' as const], profiles: [profile] }];
      const { users } = policy.roles['operator']!;
      policy.roles = {
        there: { ...policy.roles['operator']!, users, may: may('dfns-demo') },
        here: { ...policy.roles['operator']!, users, may: may('langsmith-demo') },
      };
      policy.approvals = [];
    });
    const { authority } = await room.context(PEOPLE.operator);
    const on = (...profiles: readonly string[]) =>
      rightTo(
        {
          verb: 'deactivate',
          tokens: profiles.map((profile) => ({ profile, id: 'a', name: 'a' })),
        } as unknown as Order,
        authority,
      );
    expect(on('langsmith-demo')).toEqual({ kind: 'allowed', role: 'here' });
    expect(on('dfns-demo')).toEqual({ kind: 'allowed', role: 'there' });
    expect(on('dfns-demo', 'langsmith-demo')).toEqual({ kind: 'allowed', role: 'here' });
    expect(on()).toEqual({ kind: 'allowed', role: 'there' });
    expect(on('langsmith-demo', 'elsewhere')).toMatchObject({ kind: 'denied' });
  });
});
