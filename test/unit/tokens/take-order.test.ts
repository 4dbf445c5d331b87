import { expect, it } from 'vitest';
import { caseId, tokenKey } from '#shared/store/case-id.ts';
import { renderConfirm } from '#shared/slack/blocks/render-confirm.ts';
import { answerConfirmation } from '#shared/tokens/ask-confirmation.ts';
import { placeOrder } from '#shared/tokens/place-order.ts';
import { takeOrder } from '#shared/tokens/take-order.ts';
import { leak } from '#test/fixtures/outcomes.ts';
import { Fault, type FaultCode } from '#shared/core/fault.ts';
import { addToken, createRoom, NOW, PEOPLE, type Room } from '#test/support/room.ts';
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

/** Counts each profile's listings, and fails those of one where a fault is given. */
function watchLists(room: Room, trouble?: { readonly of: string; readonly code: FaultCode }): string[] {
  const listed: string[] = [];
  const { open } = room.services.providers;
  Object.assign(room.services.providers, {
    open: async (profile: string) => {
      const provider = await open(profile);
      return {
        ...provider,
        list: async () => {
          listed.push(profile);
          if (trouble?.of === profile) throw new Fault(trouble.code, 'as asked');
          return provider.list();
        },
      };
    },
  });
  return listed;
}

it('looks for other names only in the reason of an order that was typed', async () => {
  for (const [more, isLooked] of [
    [{ reason: 'left in a cab' }, true],
    [{ reason: 'left in a cab', ask: 'never' }, false],
    [{}, false],
  ] as const) {
    const room = createRoom();
    addToken(room, 'a');
    const listed = watchLists(room);
    const tokens = ['langsmith-demo:a'];
    const done = await takeOrder(await room.context(PEOPLE.operator), {
      ...order,
      verb: 'deactivate',
      tokens,
      ...more,
    });
    expect(done).toMatchObject({ kind: 'changed' });
    expect(listed.includes('dfns-demo')).toBe(isLooked);
  }
});

it.each([
  ['(notebook)', 'the Notebook too', true],
  ['my notebook', 'My, notebook leaked', true],
  ['notebook', 'with “notebook”', true],
  ['ab', 'of ab as well', true],
  ['b', 'of b as well', false],
  ['note', 'the notebook too', false],
  ['notebook', 'prod-tracing leaked', false],
])('takes the name %j in the reason %j for another token: %j', async (name, reason, isNamed) => {
  const room = createRoom();
  addToken(room, 'a', { name: 'Prod-Tracing' });
  addToken(room, 'other', { name });
  const named = { ...order, verb: 'deactivate', tokens: ['langsmith-demo:a'], reason } as const;
  expect(await takeOrder(await room.context(PEOPLE.operator), named)).toMatchObject(
    isNamed ? { kind: 'confirm', alsoNamed: [name] } : { kind: 'changed' },
  );
});

it('deactivates at once what has leaked: only bringing it back needs a question', async () => {
  const room = createRoom();
  const token = addToken(room, 'leaked');
  const key = tokenKey(token);
  // Killed for its leak, and brought back since.
  await room.store.cases.open({ ...leak, id: caseId(key), key, token, state: 'dead' });
  const named = { ...order, verb: 'deactivate', tokens: ['leaked'], ask: 'never' } as const;
  expect(await takeOrder(await room.context(PEOPLE.operator), named)).toMatchObject({ kind: 'changed' });
});

it('finds by a filter what the verb would change, in the profiles that it names or else in all that are allowed', async () => {
  const room = createRoom();
  addToken(room, 'on');
  addToken(room, 'off', { state: 'inactive' });
  addToken(room, 'there', { profile: 'dfns-demo' });
  const ids = async (verb: 'deactivate' | 'activate' | 'delete', profiles: readonly string[]) => {
    const filter = { profiles, sort: 'age' } as const;
    const asked = await takeOrder(await room.context(PEOPLE.admin), { ...order, verb, tokens: [], filter });
    if (asked.kind !== 'confirm') return expect.fail(asked.kind);
    // What is so already is not even left out: it never fitted.
    expect(asked.leftOut ?? []).toEqual([]);
    return asked.tokens.map(({ id }) => id).toSorted();
  };
  expect(await ids('deactivate', [])).toEqual(['on', 'there']);
  expect(await ids('deactivate', ['langsmith-demo'])).toEqual(['on']);
  expect(await ids('activate', [])).toEqual(['off']);
  expect(await ids('delete', ['langsmith-demo'])).toEqual(['off', 'on']);
});

it('looks into no profile where the person may not make the change, and carries out nothing that touches one', async () => {
  const room = createRoom((policy) => {
    policy.roles['operator']!.may = [{ verbs: ['deactivate'], profiles: ['langsmith-demo'] }];
  });
  addToken(room, 'a');
  addToken(room, 'b', { profile: 'dfns-demo' });
  const listed = watchLists(room);
  const by = async (profiles: readonly string[]) =>
    takeOrder(await room.context(PEOPLE.operator), {
      ...order,
      verb: 'deactivate',
      tokens: [],
      filter: { profiles, sort: 'age' },
    });
  expect(await by(['langsmith-demo', 'dfns-demo'])).toMatchObject({ kind: 'denied', why: 'no_role' });
  expect(listed).toEqual([]);
  expect(await by([])).toMatchObject({ kind: 'confirm', tokens: [{ id: 'a' }] });
  expect(listed).toEqual(['langsmith-demo']);
  const refs = [
    { profile: 'dfns-demo', id: 'b', name: 'b' },
    { profile: 'langsmith-demo', id: 'a', name: 'a' },
  ];
  const placed = { ...order, verb: 'deactivate', requester: PEOPLE.operator, requestedAt: NOW.toISOString() } as const;
  for (const tokens of [refs, refs.toReversed()]) {
    expect(await placeOrder(await room.context(PEOPLE.operator), { ...placed, tokens })).toMatchObject({
      kind: 'denied',
    });
  }
  expect(room.tokens.get('a')?.state).toBe('active');
});

it('takes as many tokens as the cap, and one more not', async () => {
  const room = createRoom((policy) => Object.assign(policy.limits, { bulkMax: 2 }));
  for (const id of ['a', 'b', 'c']) addToken(room, id);
  const by = async (tokens: readonly string[]) =>
    takeOrder(await room.context(PEOPLE.operator), { ...order, verb: 'deactivate', tokens });
  expect(await by(['a', 'b'])).toMatchObject({ kind: 'confirm' });
  expect(await by(['a', 'b', 'c'])).toEqual({
    kind: 'denied',
    verb: 'deactivate',
    why: 'too_many',
    roles: [],
    limit: 2,
  });
});

it.each<[FaultCode, object]>([
  ['provider_unavailable', { kind: 'trouble', trouble: { next: 'retrying', fault: 'provider_unavailable' } }],
  ['provider_unauthorized', { kind: 'unknown_token' }],
])('keeps a name that it finds nowhere for later only where waiting helps: %s', async (code, outcome) => {
  const room = createRoom();
  addToken(room, 'a');
  watchLists(room, { of: 'dfns-demo', code });
  const named = { ...order, verb: 'deactivate', tokens: ['nowhere'] } as const;
  expect(await takeOrder(await room.context(PEOPLE.operator), named)).toMatchObject(outcome);
});

it('puts on record by which role it was done, or could not be', async () => {
  const room = createRoom((policy) => policy.protected.push({ profile: '*', id: 'guarded', reason: 'emergency' }));
  for (const id of ['a', 'guarded']) addToken(room, id, { owner: { id: `of-${id}` } });
  const context = await room.context(PEOPLE.operator);
  await takeOrder(context, { ...order, verb: 'deactivate', tokens: ['a'], ask: 'never' });
  const filter = { profiles: [], sort: 'age', owner: 'of-guarded' } as const;
  await takeOrder(await room.context(PEOPLE.operator), { ...order, verb: 'deactivate', tokens: [], filter });
  const entries = await room.store.audit.query({ limit: 9 });
  expect(entries.map(({ token, result, rule }) => [token?.id, result, rule]).toSorted()).toEqual([
    ['a', 'done', 'role:operator'],
    ['guarded', 'refused', 'role:operator'],
  ]);
});

it('finds by a filter the tokens of somebody in Slack, by the address that Slack tells', async () => {
  const room = createRoom();
  addToken(room, 'annas', { owner: { id: 'member-7', name: 'anna@example.com' } });
  addToken(room, 'bens', { owner: { id: 'member-8', name: 'ben@example.com' } });
  const emailOf = async (userId: string) => (userId === PEOPLE.operator.userId ? 'anna@example.com' : undefined);
  Object.assign(room.services.people, { emailOf });
  const filter = { profiles: [], sort: 'age', ownedBy: 'me' } as const;
  const named = { ...order, verb: 'deactivate', tokens: [], filter } as const;
  expect(await takeOrder(await room.context(PEOPLE.operator), named)).toMatchObject({
    kind: 'confirm',
    tokens: [{ id: 'annas' }],
  });
  // Nobody's address is known: nothing is theirs.
  expect(await takeOrder(await room.context(PEOPLE.admin), named)).toMatchObject({ kind: 'listed', matching: 0 });
});
