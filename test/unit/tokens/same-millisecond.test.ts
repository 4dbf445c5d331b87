import { describe, expect, it } from 'vitest';
import type { Policy } from '#shared/policy/policy.ts';
import type { Context } from '#shared/tokens/context.ts';
import { placeOrder } from '#shared/tokens/place-order.ts';
import { type ApprovalPress, resolveApproval } from '#shared/tokens/resolve-approval.ts';
import { takeOrder } from '#shared/tokens/take-order.ts';
import { addToken, createRoom, PEOPLE, type Room } from '#test/support/room.ts';

it('two requests of one person in the same millisecond are two lines of the record, and a replay is none', async () => {
  const room = createRoom();
  const token = addToken(room, 'a');
  const first = await room.context(PEOPLE.admin);
  const order = { verb: 'deactivate', tokens: ['a'], keepGoing: false, ask: 'never' } as const;
  const ask = (request: string) => takeOrder({ ...first, attempt: { ...first.attempt, request } }, order);
  await ask('one press');
  await ask('one press');
  // Somebody has brought it back elsewhere meanwhile.
  room.tokens.set('a', token);
  const second = await room.context(PEOPLE.admin);
  const { requestedAt } = first.attempt;
  await takeOrder({ ...second, attempt: { ...second.attempt, requestedAt, request: 'another press' } }, order);
  expect(room.store.entries.map(({ what, result }) => [what, result])).toEqual([
    ['deactivate', 'done'],
    ['deactivate', 'done'],
  ]);
});

describe('two presses of one person in the same millisecond, on a request for others', () => {
  const NAMES = ['one press', 'another press'] as const;
  const strict = (policy: Policy): void => {
    const [rule] = policy.approvals;
    const by = ['admin'];
    policy.approvals = [
      { ...rule!, name: 'strict', verbs: ['deactivate'], fromTokens: 1, except: [], by, breakGlass: by },
    ];
  };

  async function opened(room: Room): Promise<string> {
    const { profile, id, name } = addToken(room, 'a');
    const { authority, attempt, services } = await room.context(PEOPLE.operator);
    const asked = await placeOrder(
      { services, authority, attempt },
      {
        verb: 'deactivate',
        tokens: [{ profile, id, name }],
        requester: PEOPLE.operator,
        requestedAt: attempt.requestedAt,
        keepGoing: false,
      },
    );
    return asked.kind === 'approval' ? asked.approval.id : expect.fail(asked.kind);
  }

  async function twoPresses(room: Room): Promise<readonly Context[]> {
    const contexts = await Promise.all(NAMES.map(async () => room.context(PEOPLE.admin)));
    const { requestedAt } = contexts[0]!.attempt;
    return contexts.map((context, index) => ({
      ...context,
      attempt: { ...context.attempt, requestedAt, request: NAMES[index]! },
    }));
  }

  const answer = (context: Context, press: ApprovalPress) =>
    resolveApproval(context, press, async () => expect.fail('no lever was asked for'));
  const effects = (room: Room) =>
    room.store.entries.filter(({ what }) => what === 'deactivate').map(({ result }) => result);

  it.each(['approve', 'break-glass'] as const)('%s: one carries it out, and the other is told so', async (how) => {
    const room = createRoom(strict);
    const press = { approvalId: await opened(room), answer: how, reason: 'it leaks' } as const;
    const presses = await twoPresses(room);
    const [one, other] = await Promise.all(presses.map((context) => answer(context, press)));
    expect(one?.result).toMatchObject({ kind: 'changed', already: false });
    expect(other?.result).toMatchObject({ kind: 'denied', why: 'settled' });
    expect(effects(room)).toEqual(['done']);
  });

  it('whoever comes after a return elsewhere does not do it again', async () => {
    const room = createRoom(strict);
    const press = { approvalId: await opened(room), answer: 'approve' } as const;
    const token = room.tokens.get('a')!;
    const [first, second] = await twoPresses(room);
    await answer(first!, press);
    room.tokens.set('a', token);
    expect((await answer(second!, press)).result).toMatchObject({ kind: 'denied', why: 'settled' });
    expect(room.tokens.get('a')?.state).toBe('active');
    expect(effects(room)).toEqual(['done']);
  });

  it('refuse: the second is told who has refused it', async () => {
    const room = createRoom(strict);
    const press = { approvalId: await opened(room), answer: 'refuse' } as const;
    const [first, second] = await twoPresses(room);
    expect((await answer(first!, press)).result).toBeUndefined();
    expect((await answer(second!, press)).result).toMatchObject({ settled: { how: 'refused' } });
  });

  it('a vote that a release before this one has stored, without its name, is still known by its time', async () => {
    const room = createRoom(strict);
    const press = { approvalId: await opened(room), answer: 'approve' } as const;
    const [first] = await twoPresses(room);
    await answer(first!, press);
    await room.store.approvals.change(press.approvalId, (record) => ({
      ...record,
      approvedBy: record.approvedBy.map(({ actor, at }) => ({ actor, at })),
    }));
    expect((await answer(first!, press)).card?.approval.state).toBe('done');
    expect((await answer(first!, press)).result).toMatchObject({ kind: 'changed' });
  });
});
