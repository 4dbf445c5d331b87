import { describe, expect, it } from 'vitest';
import type { ChangeOrder, Mutation, Token } from '#shared/core/vocabulary.ts';
import { EARLY_MS } from '#shared/jobs/is-due.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { caseId, tokenKey } from '#shared/store/case-id.ts';
import { askOthers, noApprovalRule } from '#shared/tokens/ask-others.ts';
import type { Context } from '#shared/tokens/context.ts';
import { placeOrder } from '#shared/tokens/place-order.ts';
import { leak } from '#test/fixtures/outcomes.ts';
import { addToken, createRoom, NOW, PEOPLE, type Room } from '#test/support/room.ts';

const strict =
  (more: Partial<Policy['approvals'][number]> = {}) =>
  (policy: Policy): void => {
    const [rule] = policy.approvals;
    const all = { verbs: ['deactivate', 'activate', 'delete'], fromTokens: 1, except: [] } as const;
    policy.approvals = [
      { ...rule!, ...structuredClone(all), name: 'strict', approvers: 1, by: ['approver'], ...more },
    ] as never;
  };
const ask = async (
  room: Room,
  verb: Mutation,
  tokens: readonly Pick<Token, 'profile' | 'id' | 'name'>[],
  more: Partial<ChangeOrder> = {},
) =>
  placeOrder(await room.context(PEOPLE.operator), {
    verb,
    tokens: tokens.map(({ profile, id, name }) => ({ profile, id, name })),
    requester: PEOPLE.operator,
    requestedAt: NOW.toISOString(),
    keepGoing: false,
    ...more,
  });
const seenBy = async (room: Room, ...order: [Mutation, readonly Token[]]) => {
  const asked = await ask(room, ...order);
  return asked.kind === 'approval' ? asked.approval.seen : expect.fail(asked.kind);
};

describe('what others decide by', () => {
  it('is the state of each token, counted, and twenty of them whole', async () => {
    const room = createRoom(strict());
    const tokens = Array.from({ length: 24 }, (_, index) =>
      addToken(room, `t-${index}`, { state: index < 2 ? 'inactive' : index < 5 ? 'expired' : 'active' }),
    );
    const gone = { ...tokens[0]!, id: 'gone' };
    const seen = await seenBy(room, 'deactivate', [...tokens, gone]);
    expect(seen?.counts).toEqual({ active: 19, inactive: 2, expired: 3, unread: 1 });
    expect(seen?.tokens.map(({ id }) => id)).toEqual(tokens.slice(0, 20).map(({ id }) => id));
    expect(seen).toMatchObject({ at: NOW.toISOString(), leaks: [] });
  });

  it('is where a token that is to come back has leaked, and whether in public; of a kill it is not asked', async () => {
    const room = createRoom(strict());
    const leaked = async (id: string, places: readonly boolean[]) => {
      const token = addToken(room, id, { state: 'inactive' });
      const key = tokenKey(token);
      const reports = places.map((publiclyLeaked) => ({ ...leak.reports[0]!, publiclyLeaked }));
      await room.store.cases.open({ ...leak, id: caseId(key), key, token, state: 'dead', reports });
      return token;
    };
    const [open, closed] = [await leaked('open', [false, true]), await leaked('closed', [false, false])];
    const clean = addToken(room, 'clean', { state: 'inactive' });
    expect((await seenBy(room, 'activate', [open, closed, clean]))?.leaks).toEqual([
      { caseId: caseId(tokenKey(open)), name: open.name, isPublic: true },
      { caseId: caseId(tokenKey(closed)), name: closed.name, isPublic: false },
    ]);
    const many = await Promise.all(Array.from({ length: 21 }, (_, index) => leaked(`many-${index}`, [true])));
    expect((await seenBy(room, 'activate', many))?.leaks).toHaveLength(20);
    addToken(room, 'open');
    expect((await seenBy(room, 'deactivate', [open]))?.leaks).toEqual([]);
  });
});

describe('nobody is asked', () => {
  it('where not enough others could agree: what is missing is told, and the request stands for who may break the glass', async () => {
    const room = createRoom(strict({ approvers: 2, by: ['approver', 'operator'], breakGlass: ['admin'] }));
    const token = addToken(room, 'a');
    expect(await ask(room, 'delete', [token])).toMatchObject({
      kind: 'no_approver',
      verb: 'delete',
      rule: 'strict',
      roles: ['approver', 'operator'],
      needed: 2,
      could: 1,
      unread: false,
    });
    expect(room.store.entries).toMatchObject([{ what: 'request', result: 'pending', rule: 'strict' }]);
    // One of which nobody could agree to keeps no other back.
    expect(await ask(room, 'delete', [token])).toMatchObject({ kind: 'no_approver' });
  });

  it('where no rule says who', () => {
    expect(noApprovalRule('lever')).toEqual({
      kind: 'no_approver',
      verb: 'lever',
      roles: [],
      needed: 1,
      could: 0,
      unread: false,
      mayBreakGlass: false,
    });
  });

  it('where none of them can be changed, by the rule that would have asked; and they are where one is not known', async () => {
    const room = createRoom((policy) => {
      strict()(policy);
      policy.protected.push({ profile: '*', owner: 'guard', reason: 'emergency' });
    });
    const [one, two] = ['a', 'b'].map((id) => addToken(room, id, { owner: { id: 'guard' } }));
    expect(await ask(room, 'delete', [one!, two!])).toMatchObject({ kind: 'hindered' });
    expect(room.store.entries.map(({ rule, result }) => [rule, result])).toEqual([
      ['approval:strict', 'refused'],
      ['approval:strict', 'refused'],
    ]);
    const gone = { ...one!, id: 'gone' };
    expect(await ask(room, 'delete', [one!, gone])).toMatchObject({ kind: 'approval' });
    const free = addToken(room, 'free');
    expect(await ask(room, 'delete', [two!, free])).toMatchObject({ kind: 'approval' });
  });
});

it('is open to the last moment of its time, for whoever asks for the same again', async () => {
  const room = createRoom(strict());
  const token = addToken(room, 'a');
  const asked = await ask(room, 'delete', [token]);
  const expiresAt = asked.kind === 'approval' ? asked.approval.expiresAt : expect.fail(asked.kind);
  const at = (late: number) => Object.assign(room.services, { now: () => new Date(Date.parse(expiresAt) + late) });
  at(0);
  expect(await ask(room, 'delete', [token])).toMatchObject({ kind: 'asked_before', missing: 1 });
  at(1);
  expect(await ask(room, 'delete', [token])).toMatchObject({ kind: 'approval' });
});

it('names the message of a request that waits already, and leads to it', async () => {
  const room = createRoom(strict());
  const token = addToken(room, 'a');
  const asked = await ask(room, 'delete', [token]);
  const id = asked.kind === 'approval' ? asked.approval.id : expect.fail(asked.kind);
  const message = { channel: 'C0SECURITY1', ts: '1.2' };
  await room.store.approvals.change(id, (record) => ({ ...record, message }));
  const linkTo = async ({ channel, ts }: typeof message) => `https://example.slack.com/${channel}/${ts}`;
  Object.assign(room.services.channels, { linkTo });
  const link = 'https://example.slack.com/C0SECURITY1/1.2';
  expect(await ask(room, 'delete', [token])).toMatchObject({ kind: 'asked_before', message, link });
});

describe('a request that an earlier attempt has opened', () => {
  /** A request that was opened, and the delivery of its job after that. */
  const openedOnce = async (room: Room) => {
    const { profile, id, name } = addToken(room, 'a');
    const order = {
      verb: 'delete',
      tokens: [{ profile, id, name }],
      requester: PEOPLE.operator,
      requestedAt: NOW.toISOString(),
      keepGoing: false,
    } as const;
    const context = await room.context(PEOPLE.operator);
    const rule = room.services.policy.approvals[0]!;
    const asked = await askOthers(context, order, rule);
    const approval = asked.kind === 'approval' ? asked.approval : expect.fail(asked.kind);
    const { attempt } = context;
    const second: Context = { ...context, attempt: { ...attempt, journal: { ...attempt.journal, attempt: 2 } } };
    return { approval, again: () => askOthers(second, order, rule) };
  };

  it('is told as it was opened, whatever has become of its token, and stands on record once', async () => {
    const room = createRoom(strict());
    const { approval, again } = await openedOnce(room);
    room.tokens.delete('a');
    expect(await again()).toMatchObject({ kind: 'approval', approval });
    expect(room.store.entries.map(({ what }) => what)).toEqual(['request']);
  });

  it('ends in time, also where nobody is told of it: that is planned before it is opened, and once', async () => {
    const room = createRoom(strict());
    const opened: number[] = [];
    const { open } = room.store.approvals;
    const watched: typeof open = async (record) => {
      opened.push(room.planned.length);
      return open(record);
    };
    Object.assign(room.store.approvals, { open: watched });
    const { approval, again } = await openedOnce(room);
    await again();
    expect(opened[0]).toBe(1);
    const at = new Date(Date.parse(approval.expiresAt) + EARLY_MS).toISOString();
    expect(room.planned).toMatchObject([{ kind: 'approval-due', step: 'lapse', approvalId: approval.id, at }]);
  });

  it('is told as lapsed where its time is over when it is opened, and does not end before it is there', async () => {
    const room = createRoom(strict());
    const late = new Date(NOW.getTime() + 2 * 3_600_000);
    Object.assign(room.services, { now: () => late });
    const { approval } = await openedOnce(room);
    expect(Date.parse(approval.expiresAt)).toBeLessThan(late.getTime());
    expect(approval.state).toBe('lapsed');
    const [planned] = room.planned;
    expect(planned).toMatchObject({ step: 'lapse', at: new Date(late.getTime() + 120_000).toISOString() });
  });

  it('is told as settled where it is, also where nobody could agree to it any more', async () => {
    const room = createRoom(strict());
    const { approval, again } = await openedOnce(room);
    await room.store.approvals.change(approval.id, (record) => ({ ...record, state: 'refused' }));
    Object.assign(room.services.policy, { approvals: [] });
    expect(await again()).toMatchObject({ kind: 'approval', approval: { state: 'refused' } });
  });

  it('is told as one that nobody can agree to where the policy has its rule no more', async () => {
    const room = createRoom(strict());
    const { approval, again } = await openedOnce(room);
    Object.assign(room.services.policy, { approvals: [] });
    expect(await again()).toMatchObject({ kind: 'no_approver', approvalId: approval.id, roles: [], could: 0 });
  });
});

it('is for others where a protection is to be lifted, and is another request than the one for the change alone', async () => {
  const room = createRoom(strict());
  const token = addToken(room, 'a', { owner: { id: 'guard' } });
  const plain = await ask(room, 'deactivate', [token]);
  const plainId = plain.kind === 'approval' ? plain.approval.id : expect.fail(plain.kind);
  room.services.policy.protected.push({ profile: '*', owner: 'guard', reason: 'emergency' });
  const lift = async (lifts: string) => ask(room, 'deactivate', [token], { lifts, caseId: 'C-ABCD2345' });
  const lifted = await lift('emergency');
  expect(lifted).toMatchObject({ kind: 'approval', approval: { state: 'open', order: { lifts: 'emergency' } } });
  expect(lifted).not.toMatchObject({ approval: { id: plainId } });
  expect(await lift('emergency')).toMatchObject({ kind: 'asked_before' });
  expect(await lift('what else protects it')).toMatchObject({ kind: 'approval' });
});
