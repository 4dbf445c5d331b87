import { expect, it } from 'vitest';
import { Fault } from '#shared/core/fault.ts';
import { renderChange } from '#shared/slack/blocks/render-change.ts';
import { caseId, tokenKey } from '#shared/store/case-id.ts';
import type { Case } from '#shared/store/store.ts';
import { answerConfirmation } from '#shared/tokens/ask-confirmation.ts';
import type { Context } from '#shared/tokens/context.ts';
import type { Change, Outcome } from '#shared/tokens/outcome.ts';
import { resolveApproval } from '#shared/tokens/resolve-approval.ts';
import { takeOrder } from '#shared/tokens/take-order.ts';
import { leak } from '#test/fixtures/outcomes.ts';
import { addToken, createRoom, NOW, PEOPLE, type Room } from '#test/support/room.ts';
import { readAloud } from '#test/support/slack-text.ts';

const ACTIVATE = { verb: 'activate', tokens: ['ci-deploy'], keepGoing: false } as const;

function start(change?: Parameters<typeof createRoom>[0]) {
  const room = createRoom(change);
  const token = addToken(room, 'a', { name: 'ci-deploy', state: 'inactive' });
  const key = tokenKey(token);
  return {
    room,
    /** A report of its leak finds it stopped. */
    leaks: (more: Partial<Case> = {}) =>
      room.store.cases.open({ ...leak, id: caseId(key), key, token, state: 'dead', ...more }),
    stateOf: () => room.tokens.get('a')?.state,
  };
}

/** The same delivery at a provider that is down for every change. */
function down(context: Context): Context {
  const { providers } = context.services;
  const activate = () => Promise.reject(new Fault('provider_unavailable', 'as asked'));
  const open: typeof providers.open = async (profile) => ({ ...(await providers.open(profile)), activate });
  return { ...context, services: { ...context.services, providers: { ...providers, open } } };
}

async function confirmed(room: Room, asked: Outcome): Promise<Context & { press: { pending: string; yes: true } }> {
  if (asked.kind !== 'confirm') throw new Error(asked.kind);
  return { ...(await room.context(PEOPLE.operator)), press: { pending: asked.pending, yes: true } };
}

it('brings nothing back that has leaked since it was asked for; whoever asks again is told of the leak, and is obeyed', async () => {
  const { room, leaks, stateOf } = start();
  const first = await room.context(PEOPLE.operator);
  expect(await takeOrder(down(first), ACTIVATE)).toMatchObject({ kind: 'failed', trouble: { next: 'retrying' } });
  await leaks();
  const refused = await takeOrder(first, ACTIVATE);
  expect(refused).toMatchObject({ kind: 'refused', why: 'leaked' });
  expect(stateOf()).toBe('inactive');
  expect(room.store.entries.at(-1)).toMatchObject({ what: 'activate', result: 'refused' });
  expect(readAloud(renderChange(refused as Change, { actor: PEOPLE.operator, now: NOW }))).toContain(
    'Patrol left it as it is: it has leaked, and that was not named when this was asked for. Whoever asks again is told of the leak first.',
  );

  const { press, ...context } = await confirmed(room, await takeOrder(await room.context(PEOPLE.operator), ACTIVATE));
  expect((await answerConfirmation(context, press)).outcome).toMatchObject({ kind: 'changed', already: false });
  expect(stateOf()).toBe('active');
});

it('brings back in spite of a drill', async () => {
  const { room, leaks } = start();
  const first = await room.context(PEOPLE.operator);
  await takeOrder(down(first), ACTIVATE);
  await leaks({ reports: leak.reports.map((report) => ({ ...report, test: true })) });
  expect(await takeOrder(first, ACTIVATE)).toMatchObject({ kind: 'changed', already: false });
});

it('takes the leak for which a token was stopped again, after it had been brought back, for another one', async () => {
  const { room, leaks, stateOf } = start();
  const { record } = await leaks();
  const { press, ...context } = await confirmed(room, await takeOrder(await room.context(PEOPLE.operator), ACTIVATE));
  expect((await answerConfirmation(down(context), press)).outcome).toMatchObject({ trouble: { next: 'retrying' } });
  await room.store.cases.change(record.id, (kase) => ({ ...kase, generation: kase.generation + 1 }));
  expect((await answerConfirmation(context, press)).outcome).toMatchObject({ kind: 'refused', why: 'leaked' });
  expect(stateOf()).toBe('inactive');
});

it('brings nothing back that has leaked before others agreed to it', async () => {
  const { room, leaks, stateOf } = start((policy) => {
    policy.approvals = [{ ...policy.approvals[1]!, fromTokens: 1 }];
  });
  const asked = await takeOrder(await room.context(PEOPLE.operator), ACTIVATE);
  if (asked.kind !== 'approval') throw new Error(asked.kind);
  await leaks();
  const press = { approvalId: asked.approval.id, answer: 'approve' } as const;
  const { result } = await resolveApproval(await room.context(PEOPLE.admin), press, () => expect.fail('a lever'));
  expect(result).toMatchObject({ kind: 'refused', why: 'leaked' });
  expect(stateOf()).toBe('inactive');
});

it.each([
  ['acting', []],
  ['not_revoked', [{ kind: 'unconfirmed', read: 'active' }]],
  ['waiting', [{ kind: 'waiting', answer: { status: 202 } }]],
] as const)(
  'names the leak for which a token may have been stopped, as far as its case knows (%s)',
  async (state, troubles) => {
    const { room, leaks } = start();
    const { record } = await leaks({ state, troubles });
    const asked = await takeOrder(await room.context(PEOPLE.operator), ACTIVATE);
    expect(asked).toMatchObject({ kind: 'confirm', leaks: [{ id: record.id }] });
  },
);

it('asks nothing first of a token that works, and whose kill was not made', async () => {
  const { room, leaks } = start();
  room.tokens.set('a', { ...room.tokens.get('a')!, state: 'active' });
  await leaks({ state: 'not_revoked' });
  expect(await takeOrder(await room.context(PEOPLE.operator), ACTIVATE)).toMatchObject({
    kind: 'changed',
    already: true,
  });
});
