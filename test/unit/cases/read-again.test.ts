import { expect, it } from 'vitest';
import { caseId, tokenKey } from '#shared/store/case-id.ts';
import { createReadAgain } from '#shared/cases/read-again.ts';
import { rememberDecision } from '#shared/cases/remember-decision.ts';
import { createSearchAgain, isSearchPlanned, isUnsearched } from '#shared/cases/search-again.ts';
import { settle } from '#shared/cases/settle.ts';
import { WAIT_RULE } from '#shared/cases/stops-for-owner.ts';
import { Fault } from '#shared/core/fault.ts';
import { isDue } from '#shared/jobs/is-due.ts';
import { type LeakJob, leakJobSchema } from '#shared/jobs/job.ts';
import type { Case, CaseTrouble } from '#shared/store/store.ts';
import { without } from '#shared/core/without.ts';
import { type BegunChange, holdToken } from '#shared/tokens/begun-change.ts';
import { addToken, createRoom } from '#test/support/room.ts';

const START = Date.parse('2026-11-22T12:00:00.000Z');
const receipt = {
  verb: 'deactivate',
  requestedAt: '2026-11-22T11:59:58.000Z',
  actedAt: '2026-11-22T11:59:59.000Z',
  confirmedAt: '2026-11-22T12:00:00.000Z',
  answer: { status: 200 },
  read: 'inactive',
} as const;

/** An order of somebody who typed it. */
const NO_CASE: BegunChange['order'] = {
  ...{ verb: 'deactivate', tokens: [], requester: { teamId: 'T1', userId: 'U2' }, keepGoing: false },
  requestedAt: receipt.requestedAt,
};

/** A case whose token was just proved dead, and a clock that the test moves. */
async function start() {
  const room = createRoom();
  const token = addToken(room, 'a', { state: 'inactive' });
  const key = tokenKey(token);
  const at = receipt.confirmedAt;
  await room.store.cases.open({
    ...{ id: caseId(key), key, state: 'dead', token, receipt, verb: 'deactivate' },
    ...{ openedAt: at, updatedAt: at, reports: [], count: 1, generation: 0 },
  });
  const sent: { job: LeakJob; delaySeconds: number }[] = [];
  const shown: string[] = [];
  const answered: string[] = [];
  const clock = { ms: START };
  const trouble: { fault?: Fault; slack?: Fault | undefined } = {};
  const { services, store } = room;
  const providers: typeof services.providers = {
    ...services.providers,
    open: async (profile) => {
      if (trouble.fault !== undefined) throw trouble.fault;
      return services.providers.open(profile);
    },
  };
  const again = createReadAgain({
    services: { ...services, providers, now: () => new Date(clock.ms) },
    send: async (jobs, delaySeconds) => void sent.push(...jobs.map((job) => ({ job, delaySeconds }))),
    answerBack: async (id) => void answered.push(id),
    show: async (id) => {
      if (trouble.slack !== undefined) throw trouble.slack;
      shown.push(id);
    },
  });
  const id = caseId(key);
  const stored = async () => (await store.cases.get(id)) as Case;
  const last = () => {
    const job = sent.at(-1)?.job;
    if (job?.kind !== 'read-again') throw new Error('nothing was sent');
    expect(leakJobSchema.parse(job)).toEqual(job);
    return job;
  };
  /** Waits as the queue does, until the newest planned look has been done. */
  const look = async () => {
    for (;;) {
      const { delaySeconds } = sent.at(-1) ?? { delaySeconds: 0 };
      expect(delaySeconds).toBeLessThanOrEqual(900);
      clock.ms += delaySeconds * 1000;
      const seen = await again.read(last());
      if (seen !== undefined) return { seen, hours: (clock.ms - START) / 3_600_000 };
    }
  };
  return { room, token, id, sent, shown, answered, clock, trouble, again, stored, last, look };
}

it('looks at a dead token after five minutes, an hour and a day, and then no more', async () => {
  const { again, id, sent, shown, look, stored } = await start();
  await again.plan(id);
  await again.plan(id);
  expect(sent).toHaveLength(1);
  const hours: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const { seen, hours: after } = await look();
    expect(seen).toBe('dead');
    hours.push(Math.round(after * 60) / 60);
  }
  expect(hours).toEqual([5 / 60, 65 / 60, 25 + 5 / 60].map((each) => Math.round(each * 60) / 60));
  const before = sent.length;
  await again.plan(id);
  expect(sent).toHaveLength(before);
  expect(shown).toEqual([]);
  expect((await stored()).state).toBe('dead');
});

it('looks once where its job comes twice at once', async () => {
  const { again, id, sent, clock, last } = await start();
  await again.plan(id);
  clock.ms += 300_000;
  const job = last();
  const seen = await Promise.all([again.read(job), again.read(job)]);
  expect(seen.toSorted()).toEqual(['dead', undefined]);
  // The second one finds that another look is the planned one.
  expect(sent).toHaveLength(2);
});

it('reopens the case of a token that lives again, and shows it', async () => {
  const { room, token, again, id, shown, look, stored } = await start();
  await again.plan(id);
  room.tokens.set(token.id, { ...token, state: 'active' });
  expect((await look()).seen).toBe('alive_again');
  expect(shown).toEqual([id]);
  expect(await stored()).toMatchObject({
    state: 'not_revoked',
    troubles: [{ kind: 'alive_again', confirmedAt: receipt.confirmedAt }],
  });
  // It is looked at as any other that is not revoked: somebody may stop it at the provider again.
  room.tokens.set(token.id, { ...token, state: 'inactive' });
  expect(await look()).toMatchObject({ seen: 'dead' });
  expect(await stored()).toMatchObject({ state: 'dead', already: true, receipt: { read: 'inactive' } });
});

/** A case whose token could not be stopped, by what is known of that. */
const notRevoked =
  (trouble: CaseTrouble) =>
  (kase: Case): Omit<Case, 'version'> => ({
    ...without(kase, 'version', 'receipt', 'verb', 'look'),
    ...{ state: 'not_revoked', troubles: [trouble] },
  });

it.each<[string, Partial<BegunChange>, ((kase: Case) => Omit<Case, 'version'>)?]>([
  ['had not done yet', {}],
  ['had taken and left to somebody there', { isOnRecord: true, pending: { status: 202 } }],
  ['had not done yet, like the kill before', {}, notRevoked({ kind: 'unconfirmed', read: 'active' })],
])(
  'tells of a token that Patrol brought back, which its provider %s, that it is active again',
  async (_, more, was) => {
    const { room, token, again, id, shown, clock, trouble, last, look, stored } = await start();
    if (was !== undefined) await room.store.cases.change(id, was);
    await again.plan(id);
    const ref = { profile: token.profile, id: token.id, name: token.name };
    const requester = { teamId: 'T1', userId: 'U1' };
    const at = new Date(START + 60_000).toISOString();
    const order = { verb: 'activate', tokens: [ref], requester, requestedAt: at, keepGoing: false } as const;
    const begun: BegunChange = {
      ...{ order, ref, warrant: { rule: 'role:operator', approvedBy: [] } },
      ...{ by: 'x', verb: 'activate', at, token, ...more },
    };
    await holdToken(room.services, { ref: token }, async ({ keep }) => keep(begun));
    room.tokens.set(token.id, { ...token, state: 'active' });
    trouble.slack = new Fault('slack_unavailable', 'test');
    await expect(look()).rejects.toBe(trouble.slack);
    trouble.slack = undefined;
    expect(await again.read(last())).toBe('returned');
    expect(shown).toEqual([id]);
    expect(await stored()).toMatchObject({ state: 'restored', changedBy: requester });
    expect(clock.ms).toBe(START + 300_000);
    expect(room.store.entries).toMatchObject([{ what: 'activate', result: 'done', actor: requester }]);
  },
);

it('takes no kill that is still to be made for undone by what was asked for before', async () => {
  const { room, token, again, id, look, stored } = await start();
  await room.store.cases.change(
    id,
    notRevoked({ kind: 'failed', fault: 'provider_unavailable', next: 'retrying', attempt: 1 }),
  );
  await again.plan(id);
  const ref = { profile: token.profile, id: token.id, name: token.name };
  const begun: BegunChange = {
    ...{ order: { ...NO_CASE, verb: 'activate' }, ref, warrant: { rule: 'role:operator', approvedBy: [] } },
    ...{ by: 'x', verb: 'activate', at: receipt.actedAt, token },
  };
  await holdToken(room.services, { ref: token }, async ({ keep }) => keep(begun));
  room.tokens.set(token.id, { ...token, state: 'active' });
  expect((await look()).seen).toBe('alive');
  expect(await stored()).toMatchObject({ state: 'not_revoked' });
});

it('is told by the next attempt where Slack did not take it', async () => {
  const { room, token, again, id, clock, trouble, last, shown } = await start();
  await again.plan(id);
  room.tokens.set(token.id, { ...token, state: 'active' });
  clock.ms += 300_000;
  trouble.slack = new Fault('slack_unavailable', 'test');
  await expect(again.read(last())).rejects.toBe(trouble.slack);
  trouble.slack = undefined;
  expect(await again.read(last())).toBe('alive_again');
  expect(shown).toEqual([id]);
});

it('is planned anew after a new proof, and the old plan is nothing any more', async () => {
  const { room, again, id, sent, clock, last } = await start();
  await again.plan(id);
  const old = last();
  const confirmedAt = '2026-11-22T12:03:00.000Z';
  clock.ms += 180_000;
  await room.store.cases.change(id, (kase) => ({ ...kase, receipt: { ...receipt, confirmedAt } }));
  await again.plan(id);
  expect(sent).toHaveLength(2);
  expect(last()).not.toEqual(old);
  expect(await again.read(old)).toBeUndefined();
});

it('looks at nothing whose case was closed', async () => {
  const { room, again, id, last } = await start();
  await again.plan(id);
  await room.store.cases.change(id, (kase) => ({ ...kase, state: 'dismissed' }));
  expect(await again.read(last())).toBeUndefined();
  expect(await again.read({ ...last(), caseId: 'C-NOSUCHONE' })).toBeUndefined();
});

it('waits for a provider that does not answer, and goes on to the next look where it refuses us', async () => {
  const { again, id, clock, sent, trouble, last } = await start();
  await again.plan(id);
  clock.ms += 300_000;
  trouble.fault = new Fault('provider_unavailable', 'test: down');
  await expect(again.read(last())).rejects.toBe(trouble.fault);
  expect(sent).toHaveLength(1);
  trouble.fault = new Fault('provider_unauthorized', 'test: refused');
  expect(await again.read(last())).toBe('unread');
  expect(sent).toHaveLength(2);
});

it('tells a token as dead, on record and with this read as its proof, when its provider has done at last what it took', async () => {
  const { room, token, again, id, look, last, stored, shown, answered, trouble } = await start();
  const order = {
    ...{ verb: 'deactivate' as const, tokens: [token], requester: { source: 'github' }, keepGoing: false, caseId: id },
    requestedAt: receipt.requestedAt,
  } as const;
  const asked = { order, warrant: { rule: 'sure', approvedBy: [] }, ref: token };
  const active = { ...token, state: 'active' } as const;
  const begun: BegunChange = { ...asked, by: 'x', verb: 'deactivate', at: receipt.actedAt, token: active };
  await holdToken(room.services, { ref: token }, async ({ keep }) => keep(begun));
  await room.store.cases.change(id, (kase) => ({ ...without(kase, 'receipt', 'verb'), state: 'waiting' }));
  addToken(room, 'a', active);
  await again.plan(id);
  expect((await look()).seen).toBe('waiting');
  expect(await stored()).toMatchObject({ state: 'waiting' });
  addToken(room, 'a', { state: 'inactive' });
  // Slack takes nothing at first: the next attempt goes on with the telling, and then a dead token's looks are planned.
  trouble.slack = new Fault('slack_unavailable', 'test');
  await expect(look()).rejects.toBe(trouble.slack);
  trouble.slack = undefined;
  expect(await again.read(last())).toBe('dead');
  expect(answered).toContain(id);
  const { look: planned, receipt: proof } = await stored();
  expect(planned).toMatchObject({ after: proof?.confirmedAt, looks: 1 });
  expect(await stored()).toMatchObject({ state: 'dead', receipt: { read: 'inactive' } });
  expect(room.store.entries).toMatchObject([{ what: 'deactivate', result: 'done', actor: { source: 'github' } }]);
  expect(shown).toEqual([id]);
});

it.each([
  ['deactivate', 'not_revoked'],
  ['ask', 'waiting'],
] as const)('waits no longer than a week for what its provider took (%s): then it is %s', async (action, state) => {
  const { room, token, again, id, look, last, stored, shown, trouble } = await start();
  await room.store.cases.change(id, (kase) => ({
    ...without(kase, 'receipt', 'verb'),
    ...{ state: 'waiting', decision: { action, rule: 'sure' } },
    troubles: [{ kind: 'waiting', answer: { status: 202 } }],
  }));
  addToken(room, 'a', { ...token, state: 'active' });
  await again.plan(id);
  const hours: number[] = [];
  for (let round = 0; round < 8; round += 1) {
    const { seen, hours: after } = await look();
    expect(seen).toBe('waiting');
    hours.push(Math.round(after));
  }
  expect(hours).toEqual([0, 1, 25, 49, 73, 97, 121, 145]);
  expect(await stored()).toMatchObject({ state: 'waiting', look: { looks: 9 } });
  if (state === 'waiting') {
    await look();
    expect([(await stored()).state, shown]).toEqual([state, []]);
    return;
  }
  // Slack takes nothing at first: the next attempt goes on with the telling.
  trouble.slack = new Fault('slack_unavailable', 'test');
  await expect(look()).rejects.toBe(trouble.slack);
  trouble.slack = undefined;
  await again.read(last());
  const kase = await stored();
  expect(kase).toMatchObject({ state, troubles: [{ kind: 'unconfirmed', read: 'active' }] });
  expect([isUnsearched(kase), shown]).toEqual([true, [id]]);
});

it.each([
  ['at once', {}],
  ['after other tries', { search: { tries: 4, at: '2026-11-22T11:58:00.000Z', since: '2026-11-22T11:50:00.000Z' } }],
])(
  'asks once more for a decided kill that its provider takes again and again (%s), and never does',
  async (_, planned) => {
    const { room, token, again, id, clock, stored, last, look } = await start();
    const now = () => new Date(clock.ms);
    const searches: LeakJob[] = [];
    const search = createSearchAgain({ store: room.store, now, send: async (jobs) => void searches.push(...jobs) });
    const decision = { action: 'deactivate', rule: 'sure' } as const;
    const troubles = [{ kind: 'waiting', answer: { status: 202 } }] as const;
    const take = (kase: Case) => ({
      ...without(kase, 'receipt', 'verb'),
      state: 'waiting' as const,
      decision,
      troubles,
    });
    await room.store.cases.change(id, (kase) => ({ ...take(kase), ...planned }));
    addToken(room, 'a', { ...token, state: 'active' });
    for (let round = 0; round < 100; round += 1) {
      await again.plan(id);
      if (isDue(last().at, now())) break;
      await look();
      if (isUnsearched(await stored())) await search.plan(await stored());
      const kase = await stored();
      if (!isSearchPlanned(kase)) continue;
      clock.ms = Math.max(clock.ms, Date.parse(kase.search?.at ?? ''));
      await room.store.cases.change(id, take);
    }
    const days = (clock.ms - START) / 86_400_000;
    expect(days).toBeGreaterThan(7);
    expect(days).toBeLessThan(16);
    // Whoever has to approve it there is asked once more, a week after the first time.
    expect(searches).toHaveLength(1);
    expect(isUnsearched(await stored())).toBe(true);
  },
);

it.each(['asking', 'noted', 'shadowed', 'not_revoked', 'restored'] as const)(
  'tells that a token was stopped elsewhere while its card said that it is not (%s)',
  async (state) => {
    const { again, id, room, token, shown, look, stored, sent } = await start();
    const set = (more: Partial<Case>) =>
      room.store.cases.change(id, (kase) => ({ ...without(kase, 'receipt', 'verb', 'look'), state, ...more }));
    await set({});
    room.tokens.set('a', { ...token, state: 'active' });
    await again.plan(id);
    expect(await look()).toMatchObject({ seen: 'alive' });
    expect(await stored()).toMatchObject({ state });
    room.tokens.set('a', { ...token, state: 'inactive' });
    expect(await look()).toMatchObject({ seen: 'dead' });
    expect(await stored()).toMatchObject({
      state: 'dead',
      verb: 'deactivate',
      already: true,
      receipt: { read: 'inactive' },
    });
    expect(shown).toEqual([id]);

    await set({ generation: 1 });
    room.tokens.delete('a');
    const before = sent.length;
    await again.plan(id);
    expect(sent.length).toBe(before + 1);
    expect(await look()).toMatchObject({ seen: 'dead' });
    expect(await stored()).toMatchObject({ state: 'dead', verb: 'delete', already: true, receipt: { read: 'absent' } });
  },
);

it.each(['not_revoked', 'asking', 'waiting', 'restored'] as const)(
  'puts on record what an attempt had begun that nobody could read, where its token was deleted elsewhere since (%s)',
  async (state) => {
    const { room, token, again, id, look, stored } = await start();
    const order = {
      ...{
        verb: 'deactivate' as const,
        tokens: [token],
        requester: { source: 'gitlab' },
        keepGoing: false,
        caseId: id,
      },
      requestedAt: receipt.requestedAt,
    } as const;
    const asked = { order, warrant: { rule: 'sure', approvedBy: [] }, ref: token };
    const begun: BegunChange = { ...asked, by: 'x', verb: 'deactivate', at: receipt.actedAt, token };
    await holdToken(room.services, { ref: token }, async ({ keep }) => keep(begun));
    await room.store.cases.change(id, (kase) => ({ ...without(kase, 'receipt', 'verb', 'look'), state }));
    room.tokens.delete('a');
    await again.plan(id);
    await look();
    expect(await stored()).toMatchObject({ state: 'dead', verb: 'delete', already: true });
    expect(room.store.entries).toMatchObject([
      { what: 'deactivate', result: 'failed', read: 'absent', actor: { source: 'gitlab' } },
    ]);
  },
);

/** A case that a person has closed after its kill was decided, and what had begun of it by then. */
async function startClosed(more: Partial<BegunChange> | undefined, rule = 'sure') {
  const started = await start();
  const { room, token, id } = started;
  const requester = { source: 'gitlab' };
  const order = {
    ...{ verb: 'deactivate' as const, tokens: [token], requester, keepGoing: false, caseId: id },
    requestedAt: receipt.requestedAt,
  } as const;
  const active = { ...token, state: 'active' } as const;
  const asked = { order, warrant: { rule, approvedBy: [] }, ref: token };
  const own: BegunChange = { ...asked, by: 'x', verb: 'deactivate', at: receipt.actedAt, token: active };
  const begun = { ...own, ...more };
  if (more !== undefined) await holdToken(room.services, { ref: token }, async ({ keep }) => keep(begun));
  await room.store.cases.change(id, (kase) => ({
    ...rememberDecision({
      ...without(kase, 'receipt', 'verb', 'look'),
      decision: { action: 'deactivate' as const, rule },
    }),
    ...{ state: 'dismissed', dismissedBy: { teamId: 'T1', userId: 'U1' } },
  }));
  addToken(room, 'a', active);
  return started;
}

it.each<[string, Partial<BegunChange>, string]>([
  ['that nobody could read back', {}, 'sure'],
  ['that its provider had taken', { isOnRecord: true, pending: { status: 202 } }, 'sure'],
  ['after the time of an owner that nobody could read back', {}, WAIT_RULE],
])('tells a kill %s, and puts it on record, also where a person has closed its case since', async (_, more, rule) => {
  const { room, token, again, id, look, stored, shown } = await startClosed(more, rule);
  await again.plan(id);
  expect((await look()).seen).toBe('alive');
  expect(await stored()).toMatchObject({ state: 'dismissed' });
  room.tokens.set('a', { ...token, state: 'inactive' });
  expect((await look()).seen).toBe('dead');
  expect(await stored()).toMatchObject({ state: 'dead', receipt: { read: 'inactive' } });
  expect(shown).toEqual([id]);
  expect(room.store.entries).toMatchObject([{ what: 'deactivate', result: 'done', actor: { source: 'gitlab' } }]);
});

it.each<[string, Partial<BegunChange> | undefined]>([
  ['nothing had begun', undefined],
  ['what had begun is on record', { isOnRecord: true }],
  ['another request had begun it', { by: 'y', order: NO_CASE }],
])('leaves a case closed whose token somebody has stopped elsewhere, where %s', async (_, more) => {
  const { room, token, again, id, look, stored } = await startClosed(more);
  room.tokens.set('a', { ...token, state: 'inactive' });
  await again.plan(id);
  expect((await look()).seen).toBe('dead');
  expect(await stored()).toMatchObject({ state: 'dismissed' });
  expect(room.store.entries).toEqual([]);
});

it('comes although its job came early, by a clock that was behind, while its token was not to be looked at', async () => {
  const { room, again, id, clock, last, look } = await start();
  const set = (next: Case['state']) => room.store.cases.change(id, (kase) => ({ ...kase, state: next }));
  await again.plan(id);
  await set('dismissed');
  clock.ms += 60_000;
  expect(await again.read(last())).toBeUndefined();
  await set('dead');
  await again.plan(id);
  expect(await look()).toMatchObject({ seen: 'dead', hours: 5 / 60 });
});

it.each([
  ['when it is due', 'waiting', 300_000],
  ['on its way', 'waiting', 60_000],
  ['when it is due', 'not_revoked', 300_000],
  ['on its way', 'not_revoked', 60_000],
] as const)(
  'is to come where its job came %s while somebody was at work on the case, which is %s again',
  async (_, state, after) => {
    const { room, token, again, id, sent, clock, last, look, stored } = await start();
    const set = (next: Case['state']) =>
      room.store.cases.change(id, (kase) => ({ ...without(kase, 'receipt', 'verb'), state: next }));
    await set(state);
    room.tokens.set('a', { ...token, state: 'active' });
    await again.plan(id);
    clock.ms += after;
    await set('acting');
    const before = sent.length;
    expect(await again.read(last())).toBeUndefined();
    await set(state);
    await again.plan(id);
    expect(sent).toHaveLength(before + 1);
    room.tokens.set('a', { ...token, state: 'inactive' });
    expect((await look()).seen).toBe('dead');
    expect(await stored()).toMatchObject({ state: 'dead' });
  },
);

it.each([
  ['pressed on its card', 'unconfirmed', true],
  ['typed', 'unconfirmed', false],
  ['typed, and waits at its provider', 'waiting_on_provider', false],
] as const)('begins anew after a return that is not proved at once (%s)', async (_, kind, isPressed) => {
  const { room, token, again, id, look, clock, stored, sent } = await start();
  await again.plan(id);
  for (let round = 0; round < 3; round += 1) await look();
  const unproved = { verb: 'activate', token, answer: receipt.answer, read: 'inactive' } as const;
  await settle(room.services, { kind, ...unproved }, isPressed ? { from: id } : {});
  expect(await stored()).toMatchObject({ state: 'dead', receipt });
  const before = sent.length;
  await again.plan(id);
  await again.plan(id);
  expect(sent).toHaveLength(before + 1);
  room.tokens.set(token.id, { ...token, state: 'active' });
  const asked = clock.ms;
  expect(await look()).toMatchObject({ seen: 'alive_again' });
  expect((clock.ms - asked) / 1000).toBe(300);
});

/** A case on whose card a person has named its token, and nothing was done, or an earlier release did it: it is not the token's own. */
async function startChosen(more: Partial<Case>) {
  const started = await start();
  const { room, again } = started;
  const token = addToken(room, 'b', { state: 'inactive' });
  const key = 'clue:resembles';
  const id = caseId(key);
  const at = receipt.confirmedAt;
  await room.store.cases.open({
    ...{ id, key, state: 'dead', token, receipt, verb: 'deactivate' },
    ...{ openedAt: at, updatedAt: at, reports: [], count: 1, generation: 0, ...more },
  });
  await again.plan(id);
  const own = caseId(tokenKey(token));
  const stored = async () => (await room.store.cases.get(own)) as Case;
  return { ...started, token, id, own, stored };
}

it.each(['waiting', 'not_revoked', 'restored'] as const)(
  'looks at a token that a person has named on a card in its own case, once it is read as stopped (%s)',
  async (state) => {
    const { room, token, id, own, shown, look, stored } = await startChosen({ state });
    const begun: BegunChange = {
      ...{ order: { ...NO_CASE, caseId: id }, warrant: { rule: 'role:operator', approvedBy: [] }, ref: token },
      ...{ by: 'x', verb: 'deactivate', at: receipt.confirmedAt, token },
    };
    await holdToken(room.services, { ref: token }, async ({ keep }) => keep(begun));
    expect((await look()).seen).toBe('dead');
    expect(await stored()).toMatchObject({ id: own, state: 'dead', receipt: { read: 'inactive' }, mergedFrom: [id] });
    expect(await room.store.cases.get(id)).toMatchObject({ state: 'dismissed', mergedInto: own });
    expect(shown).toEqual(expect.arrayContaining([id, own]));
  },
);

it('ends such a case where somebody has deleted its token elsewhere', async () => {
  const { room, token, look, stored } = await startChosen({ state: 'not_revoked' });
  room.tokens.delete(token.id);
  expect((await look()).seen).toBe('dead');
  expect(await stored()).toMatchObject({ state: 'dead', verb: 'delete', already: true });
});

it('reopens a case whose token a person has chosen, once that lives again', async () => {
  const { room, token, look, stored } = await startChosen({});
  room.tokens.set(token.id, { ...token, state: 'active' });
  expect((await look()).seen).toBe('alive_again');
  expect(await stored()).toMatchObject({ state: 'not_revoked', troubles: [{ kind: 'alive_again' }] });
});

it('goes on looking at what waits at its provider, where a return of its token has decided nothing', async () => {
  const { room, token, id, again, look, stored, sent } = await start();
  const clueKeys = (...keys: string[]) => ({ clueKeys: keys.map((key) => `clue:${key}`) });
  const report = (key: string, at: string) => ({ source: 'gitlab', key, at, ...clueKeys(key) });
  await room.store.cases.change(id, (kase) => ({
    ...without(kase, 'receipt', 'verb', 'look'),
    ...{ state: 'waiting', count: 2, decision: { action: 'deactivate', rule: 'sure', report: 'other' } },
    reports: [report('told', '2026-11-22T10:00:00.000Z'), report('other', '2026-11-22T11:59:00.000Z')],
  }));
  // It was asked for, and agreed to, before the other secret was reported; its provider had made the kill by then.
  const order = { ...NO_CASE, verb: 'activate', requestedAt: '2026-11-22T11:00:00.000Z' } as const;
  const begun: BegunChange = {
    ...{ order, ref: token, warrant: { rule: 'role:operator', approvedBy: [] }, isOnRecord: true },
    ...{ by: 'x', verb: 'activate', at: receipt.actedAt, token, provedAt: receipt.confirmedAt },
  };
  await holdToken(room.services, { ref: token }, async ({ keep }) => keep(begun));
  room.tokens.set(token.id, { ...token, state: 'active' });
  await again.plan(id);
  const before = sent.length;
  expect((await look()).seen).toBe('waiting');
  expect(await stored()).toMatchObject({ state: 'waiting', look: { looks: 2 } });
  expect(sent).toHaveLength(before + 1);
  expect(room.store.entries).toEqual([]);
});
