import { expect, it } from 'vitest';
import { caseId, tokenKey } from '#shared/store/case-id.ts';
import { renderConfirm } from '#shared/slack/blocks/render-confirm.ts';
import { takeOrder } from '#shared/tokens/take-order.ts';
import { leak } from '#test/fixtures/outcomes.ts';
import { addToken, createRoom, NOW, PEOPLE } from '#test/support/room.ts';
import { readAloud } from '#test/support/slack-text.ts';

const order = { keepGoing: false } as const;

it('asks before a kill whose loose reason names another token, and kills at once where none is named', async () => {
  const room = createRoom();
  addToken(room, 'a', { name: 'prod-tracing' });
  addToken(room, 'b', { name: 'notebook' });
  const asked = await takeOrder(await room.context(PEOPLE.operator), {
    ...order,
    verb: 'deactivate',
    tokens: ['prod-tracing'],
    reason: 'with the Notebook, both leaked',
    looseReason: true,
  });
  expect(asked).toMatchObject({ kind: 'confirm', alsoNamed: ['notebook'] });
  expect([room.tokens.get('a')?.state, room.tokens.get('b')?.state]).toEqual(['active', 'active']);
  if (asked.kind !== 'confirm') throw new Error('not asked');
  expect(readAloud(renderConfirm(asked, { now: NOW, discreet: false }))).toContain('The reason names `notebook` too');

  for (const more of [{ reason: 'left in a cab', looseReason: true }, { reason: 'seen in the notebook' }]) {
    addToken(room, 'a', { name: 'prod-tracing' });
    const done = await takeOrder(await room.context(PEOPLE.operator), {
      ...order,
      verb: 'deactivate',
      tokens: ['prod-tracing'],
      ...more,
    });
    expect(done).toMatchObject({ kind: 'changed' });
  }
});

it('asks before a leaked token is brought back, also from a button, and names the leak', async () => {
  const room = createRoom();
  const token = addToken(room, 'leaked', { state: 'inactive' });
  const id = caseId(tokenKey(token));
  const reports = leak.reports.map((report) => ({ ...report, publiclyLeaked: true }));
  await room.store.cases.open({ ...leak, id, key: tokenKey(token), token, state: 'dead', reports });
  for (const ask of ['policy', 'never'] as const) {
    const context = await room.context(PEOPLE.operator);
    const asked = await takeOrder(context, { ...order, verb: 'activate', tokens: ['leaked'], ask });
    if (asked.kind !== 'confirm') throw new Error('not asked');
    expect(readAloud(renderConfirm(asked, { now: NOW, discreet: false }))).toMatch(
      new RegExp(`has leaked \\*in public\\* \\(case \`${id}\`\\)`),
    );
  }
  expect(room.tokens.get('leaked')?.state).toBe('inactive');
});

it('brings back at once what did not leak, or leaked in a drill', async () => {
  const room = createRoom();
  addToken(room, 'clean', { state: 'inactive' });
  const drilled = addToken(room, 'drilled', { state: 'inactive' });
  const key = tokenKey(drilled);
  const reports = leak.reports.map((report) => ({ ...report, test: true }));
  await room.store.cases.open({ ...leak, id: caseId(key), key, token: drilled, state: 'dead', reports });
  for (const name of ['clean', 'drilled']) {
    const context = await room.context(PEOPLE.operator);
    expect(await takeOrder(context, { ...order, verb: 'activate', tokens: [name] })).toMatchObject({ kind: 'changed' });
  }
});
