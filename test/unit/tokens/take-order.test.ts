import { expect, it } from 'vitest';
import { caseId, tokenKey } from '#shared/store/case-id.ts';
import { renderConfirm } from '#shared/slack/blocks/render-confirm.ts';
import { answerConfirmation } from '#shared/tokens/ask-confirmation.ts';
import { takeOrder } from '#shared/tokens/take-order.ts';
import { leak } from '#test/fixtures/outcomes.ts';
import { addToken, createRoom, NOW, PEOPLE } from '#test/support/room.ts';
import { readAloud } from '#test/support/slack-text.ts';

const order = { keepGoing: false } as const;

it('asks before a kill whose reason names another token, and kills at once where none is named', async () => {
  const room = createRoom();
  addToken(room, 'a', { name: 'prod-tracing' });
  addToken(room, 'b', { name: 'notebook' });
  const asked = await takeOrder(await room.context(PEOPLE.operator), {
    ...order,
    verb: 'deactivate',
    tokens: ['prod-tracing'],
    reason: 'with the Notebook, both leaked',
  });
  expect(asked).toMatchObject({ kind: 'confirm', alsoNamed: ['notebook'] });
  expect([room.tokens.get('a')?.state, room.tokens.get('b')?.state]).toEqual(['active', 'active']);
  if (asked.kind !== 'confirm') throw new Error('not asked');
  expect(readAloud(renderConfirm(asked, { now: NOW, discreet: false }))).toContain('The reason names `notebook` too');

  for (const more of [{ reason: 'left in a cab' }, {}]) {
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

it('lists each profile once for a filter and the reason beside it', async () => {
  const room = createRoom();
  const { profile } = addToken(room, 'a', { owner: { id: 'member-7', name: 'anna@example.com' } });
  const context = await room.context(PEOPLE.operator);
  const { providers } = context.services;
  const listed: string[] = [];
  const open: typeof providers.open = async (...asked) => {
    const provider = await providers.open(...asked);
    return {
      ...provider,
      list: () => {
        listed.push(provider.profile);
        return provider.list();
      },
    };
  };
  const services = { ...context.services, providers: { ...providers, open } };
  const filter = { profiles: [profile], owner: 'anna', sort: 'age' } as const;
  const named = { ...order, verb: 'deactivate', tokens: [], filter, reason: 'left in a cab' } as const;
  expect(await takeOrder({ ...context, services }, named)).toMatchObject({ kind: 'confirm' });
  expect(listed.filter((name) => name === profile)).toHaveLength(1);
});

it('kills at once, reason or not, where another profile hangs', async () => {
  const room = createRoom();
  const { profile, id } = addToken(room, '0b7fca09-1c8f-4d9e-9f5e-3d2f1a4b5c6d');
  const context = await room.context(PEOPLE.operator);
  const { providers } = context.services;
  const hanging = Promise.withResolvers<never>();
  const open: typeof providers.open = async (...asked) => {
    const provider = await providers.open(...asked);
    return { ...provider, list: () => hanging.promise };
  };
  const services = { ...context.services, providers: { ...providers, open } };
  const named = { ...order, verb: 'deactivate', tokens: [`${profile}:${id}`], reason: 'left in a cab' } as const;
  const done = takeOrder({ ...context, services }, named);
  await expect.poll(() => room.tokens.get(id)?.state).toBe('inactive');
  hanging.reject(new Error('no answer'));
  expect(await done).toMatchObject({ kind: 'changed', already: false });
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

it('takes whatever fits a filter, shows all of it first, and marks what cannot be done', async () => {
  const room = createRoom((policy) =>
    policy.protected.push({ profile: '*', id: 'guarded', reason: 'emergency access' }),
  );
  const owner = { id: 'member-7', name: 'anna@example.com' };
  const old = { owner, createdAt: '2025-01-01T00:00:00.000Z' };
  addToken(room, 'old', old);
  addToken(room, 'off', { ...old, state: 'inactive' });
  addToken(room, 'guarded', old);
  addToken(room, 'service', { ...old, kind: 'service-key' });
  addToken(room, 'own', { ...old, own: true });
  addToken(room, 'used', { ...old, lastUsedAt: NOW.toISOString() });
  addToken(room, 'others', { createdAt: old.createdAt });
  const filter = { profiles: [], sort: 'age', owner: 'anna', unusedDays: 90 } as const;
  const asked = await takeOrder(await room.context(PEOPLE.operator), {
    ...order,
    verb: 'deactivate',
    tokens: [],
    filter,
    ask: 'never',
  });
  if (asked.kind !== 'confirm') throw new Error('not asked');
  expect(asked.tokens.map(({ id }) => id)).toEqual(['old']);
  expect(asked.leftOut?.map(({ token, why }) => [token.id, why.kind])).toEqual([
    ['guarded', 'protected'],
    ['own', 'own'],
    ['service', 'only_deleted'],
  ]);
  const words = readAloud(renderConfirm(asked, { now: NOW, discreet: false }));
  expect(words).toMatch(/3 tokens cannot be deactivated and are left out/);
  expect(words).toContain('the policy protects it (`emergency access`)');
  expect(words).toContain('Yes, deactivate the other 1');
  expect(words).toContain('Filter: only active, owner `anna`, unused for 90 days');
  expect([...room.tokens.values()].filter(({ state }) => state === 'inactive').map(({ id }) => id)).toEqual(['off']);
  const yes = { pending: asked.pending, yes: true };
  const { outcome } = await answerConfirmation(await room.context(PEOPLE.operator), yes);
  expect(outcome).toMatchObject({ kind: 'changed', token: { id: 'old' } });
  expect([...room.tokens.values()].filter(({ state }) => state === 'inactive').map(({ id }) => id)).toEqual([
    'old',
    'off',
  ]);
});

it('answers a filter that nothing fits with a list without rows, and keeps to the cap and to the rights', async () => {
  const room = createRoom((policy) => Object.assign(policy.limits, { bulkMax: 2 }));
  for (const id of ['a', 'b', 'c']) addToken(room, id, { owner: { id: 'anna' } });
  const by = async (owner: string, who = PEOPLE.operator) =>
    takeOrder(await room.context(who), {
      ...order,
      verb: 'deactivate',
      tokens: [],
      filter: { profiles: [], sort: 'age', owner },
    });
  expect(await by('nobody')).toMatchObject({ kind: 'listed', matching: 0, seen: 3 });
  expect(await by('anna')).toMatchObject({ kind: 'denied', why: 'too_many', limit: 2 });
  expect(await by('anna', PEOPLE.viewer)).toMatchObject({ kind: 'denied' });
  expect([...room.tokens.values()].every(({ state }) => state === 'active')).toBe(true);
});

it('leaves out of several named tokens what cannot be done, and of one says why', async () => {
  const room = createRoom();
  addToken(room, 'pat');
  addToken(room, 'service', { kind: 'service-key' });
  const both = { ...order, verb: 'deactivate', tokens: ['pat', 'service'] } as const;
  expect(await takeOrder(await room.context(PEOPLE.operator), both)).toMatchObject({
    kind: 'confirm',
    tokens: [{ id: 'pat' }],
    leftOut: [{ token: { id: 'service' }, why: { kind: 'only_deleted' } }],
  });
  const alone = await takeOrder(await room.context(PEOPLE.operator), { ...both, tokens: ['service'] });
  expect(alone).not.toHaveProperty('leftOut');
});
