import { expect, it } from 'vitest';
import { clueKey } from '#shared/cases/case-keys.ts';
import { createSearchAgain, isSearchPlanned, isUnsearched } from '#shared/cases/search-again.ts';
import { leakJobSchema, type LeakJob } from '#shared/jobs/job.ts';
import { WAIT_RULE } from '#shared/cases/stops-for-owner.ts';
import { type FaultCode, FAULTS } from '#shared/core/fault.ts';
import { defined } from '#shared/core/defined.ts';
import { without } from '#shared/core/without.ts';
import { caseId } from '#shared/store/case-id.ts';
import type { Case, CaseTrouble } from '#shared/store/store.ts';
import { leak, unmatched } from '#test/fixtures/outcomes.ts';
import { PEOPLE } from '#test/support/room.ts';
import { createMemoryStore } from '#test/support/memory-store.ts';

const START = Date.parse('2026-11-22T12:00:00.000Z');

/** A case that could not be searched because a profile refused us, and a clock that the test moves. */
async function start() {
  const store = createMemoryStore();
  const sent: { job: LeakJob; delaySeconds: number }[] = [];
  const clock = { ms: START };
  const search = createSearchAgain({
    store,
    now: () => new Date(clock.ms),
    send: async (jobs, delaySeconds) => void sent.push(...jobs.map((job) => ({ job, delaySeconds }))),
  });
  const { record } = await store.cases.open({
    ...unmatched,
    state: 'unsearched',
    openedAt: new Date(START).toISOString(),
    reports: unmatched.reports.map((report) => ({ ...report, at: new Date(START).toISOString() })),
    troubles: [{ kind: 'unread', profiles: [{ fault: 'provider_unauthorized', whose: 'dfns-demo', status: 401 }] }],
  });
  const stored = async () => (await store.cases.get(record.id)) as Case;
  const last = () => {
    const job = sent.at(-1)?.job;
    if (job?.kind !== 'search-again') throw new Error('nothing was sent');
    expect(leakJobSchema.parse(job)).toEqual(job);
    return job;
  };
  /** What an attempt at the planned search leaves that dies, or that has come to its end before anybody was told. */
  const attempted = async (end: 'begun' | 'done', { caseId, at } = last()): Promise<void> => {
    const run = store.remember(`leak:again:${caseId}:${at}`, async () => {
      if (end === 'begun') throw new Error('the process dies');
    });
    await run.catch(() => undefined);
  };
  return { store, sent, clock, search, stored, last, attempted };
}

it('plans one search at a time, each later than the one before, for a week', async () => {
  const { sent, clock, search, stored, last } = await start();
  const pauses: number[] = [];
  for (let round = 0; round < 400; round += 1) {
    const before = sent.length;
    await search.plan(await stored());
    await search.plan(await stored());
    if (sent.length === before) break;
    expect(sent.length).toBe(before + 1);
    const planned = Date.parse((await stored()).search?.at ?? '');
    pauses.push((planned - clock.ms) / 1000);
    // A quarter of an hour is the longest that a queue keeps a message back: until its time the job is put back.
    while (planned > clock.ms) {
      const { delaySeconds } = sent.at(-1) ?? { delaySeconds: 0 };
      expect(delaySeconds).toBeLessThanOrEqual(900);
      clock.ms = Math.min(planned, clock.ms + delaySeconds * 1000);
      const report = await search.due(last());
      expect(report === undefined).toBe(clock.ms < planned);
    }
  }
  expect(pauses.slice(0, 4)).toEqual([15, 30, 60, 120]);
  expect(pauses.at(-1)).toBe(3600);
  expect(clock.ms - START).toBeGreaterThan(6.9 * 86_400_000);
  expect(clock.ms - START).toBeLessThan(7.2 * 86_400_000);
  // After that the weekly sweep takes over.
  expect(await search.all()).toBe(1);
});

it('searches at once when the profile that refused us answers, once, and not when another one does', async () => {
  const { sent, clock, search, stored, last } = await start();
  await search.plan(await stored());
  await search.answered('langsmith-demo');
  expect(sent).toHaveLength(1);
  await search.answered('dfns-demo');
  expect(sent).toHaveLength(2);
  expect(await search.due(last())).toMatchObject({ kind: 'report', report: { clue: unmatched.clue } });
  clock.ms += 60_000;
  await search.answered('dfns-demo');
  expect(sent).toHaveLength(2);
});

it.each(['noted', 'shadowed', 'restored', 'dead', 'asking', 'waiting'] as const)(
  'searches for a report that was put off, with all that it brought, whatever its case says (%s)',
  async (state) => {
    const { store, sent, search, stored, last } = await start();
    const { id, troubles = [] } = await stored();
    const clue = { form: 'named', provider: 'dfns', tokenId: 'to-1' } as const;
    const validity = { validity: 'valid', by: 'issuer', checkedAt: '2026-11-22T12:00:00.000Z' } as const;
    const deferred = { key: 'put off', clue, validity, troubles };
    const report = { source: 'gitleaks', key: 'put off', at: '2026-11-22T12:00:00.000Z' };
    await store.cases.change(id, ({ reports, ...kase }) => ({
      ...without(kase, 'troubles'),
      ...{ state, token: leak.token!, deferred, reports: [report, ...reports] },
    }));
    await search.plan(await stored());
    expect(isSearchPlanned(await stored())).toBe(true);
    expect(await search.due({ ...last(), receivedAt: last().at! })).toBeUndefined();
    await search.answered('dfns-demo');
    expect(sent).toHaveLength(3);
    expect(await search.due(last())).toMatchObject({ source: 'gitleaks', report: { key: 'put off', clue, validity } });
    await store.cases.change(id, (kase) => without(kase, 'deferred'));
    expect([isSearchPlanned(await stored()), await search.due(last())]).toEqual([false, undefined]);
  },
);

it('searches by what a kill was decided that is still to be made, and not by what was put off since', async () => {
  const { store, search, stored, last } = await start();
  const { id, troubles = [], reports } = await stored();
  const decision = { action: 'deactivate', rule: 'proved', report: reports[0]!.key } as const;
  const deferred = { key: 'put off', troubles };
  await store.cases.change(id, (kase) => ({ ...kase, state: 'not_revoked', token: leak.token!, decision, deferred }));
  await search.plan(await stored());
  await search.answered('dfns-demo');
  expect(await search.due(last())).toMatchObject({ report: { key: reports[0]!.key, clue: unmatched.clue } });
});

it('searches at once when somebody has the profile checked, though nobody waited for it just before', async () => {
  const { sent, store, search, stored, clock } = await start();
  await search.answered('dfns-demo');
  // Planned by another function, of which this one knows nothing.
  const other = createSearchAgain({ store, now: () => new Date(clock.ms), send: async () => {} });
  await other.plan(await stored());
  await search.answered('dfns-demo');
  expect(sent).toHaveLength(0);
  await search.answered('dfns-demo', { isChecked: true });
  expect(sent).toHaveLength(1);
});

it('searches for nothing that has been found or closed meanwhile', async () => {
  const { store, search, stored, last } = await start();
  await search.plan(await stored());
  const job = last();
  await store.cases.change(job.caseId, (kase) => ({ ...kase, state: 'dismissed' }));
  expect(await search.due(job)).toBeUndefined();
  expect(await search.due({ ...job, caseId: 'C-NOSUCHONE' })).toBeUndefined();
});

it.each([600, 5000, 90_000])(
  'plans the next search also by a clock that is %i ms behind when this one is made',
  async (ms) => {
    const { sent, clock, search, stored, last } = await start();
    await search.plan(await stored());
    clock.ms = Date.parse((await stored()).search?.at ?? '');
    const made = await search.due(last());
    clock.ms -= ms;
    await search.plan(await stored(), made);
    await search.plan(await stored(), made);
    expect(sent).toHaveLength(2);
    expect((await stored()).search).toMatchObject({ tries: 2, at: last().at });
  },
);

it('counts on a search that comes, by whatever else the case is searched meanwhile', async () => {
  const { sent, search, stored, last } = await start();
  await search.plan(await stored());
  const { at: _, ...pressed } = last();
  const made = await search.due({ ...pressed, receivedAt: new Date(START).toISOString() });
  await search.plan(await stored(), made);
  expect(sent).toHaveLength(1);
});

it.each(['acting', 'dismissed'] as const)(
  'brings a planned search that comes early back, also while none is wanted (%s)',
  async (state) => {
    const { store, sent, clock, search, stored, last } = await start();
    await search.plan(await stored());
    const { state: before } = await stored();
    const become = (next: Case['state']) => store.cases.change(last().caseId, (kase) => ({ ...kase, state: next }));
    await become(state);
    clock.ms += 5000;
    expect(await search.due(last())).toBeUndefined();
    expect(sent.at(-1)).toMatchObject({ job: { at: (await stored()).search?.at }, delaySeconds: 10 });
    await become(before);
    await search.plan(await stored());
    clock.ms += 10_000;
    expect([sent.length, await search.due(last())]).toMatchObject([2, { kind: 'report' }]);
  },
);

it('goes on with what an attempt has begun that died, also by a clock that was set back since', async () => {
  const { store, sent, clock, search, stored, last, attempted } = await start();
  await search.plan(await stored());
  await store.cases.change(last().caseId, (kase) => ({ ...kase, state: 'dismissed', mergedInto: 'C-OTHER' }));
  clock.ms = Date.parse(last().at ?? '') - 90_000;
  await attempted('begun');
  expect(await search.due(last(), 2)).toMatchObject({ kind: 'report' });
  expect(sent).toHaveLength(1);
});

it.each([1, 2])(
  'begins nothing that is not wanted any more, though attempt %i could not look whether it was',
  async (attempt) => {
    const { store, clock, search, stored, last } = await start();
    await search.plan(await stored());
    await store.cases.change(last().caseId, (kase) => ({ ...kase, state: 'acting' }));
    for (const early of [60_000, 0, -600_000]) {
      clock.ms = Date.parse(last().at ?? '') - early;
      expect(await search.due(last(), attempt + 1)).toBeUndefined();
    }
  },
);

it('goes on with what an attempt has begun, though another search is the planned one since', async () => {
  const { clock, search, stored, last, attempted } = await start();
  await search.plan(await stored());
  const job = last();
  clock.ms = Date.parse(job.at ?? '') + 5000;
  await search.plan(await stored());
  expect(await search.due(job, 2)).toBeUndefined();
  await attempted('begun', job);
  expect(await search.due(job, 2)).toMatchObject({ kind: 'report' });
  expect(await search.due(job, 1)).toBeUndefined();
});

it('tells what an attempt has done before it died, though the case was closed since', async () => {
  const { store, clock, search, stored, last, attempted } = await start();
  await search.plan(await stored());
  clock.ms = Date.parse(last().at ?? '');
  await attempted('done');
  await store.cases.change(last().caseId, (kase) => ({ ...kase, state: 'dismissed', dismissedBy: PEOPLE.admin }));
  expect(await search.due(last(), 2)).toMatchObject({
    kind: 'report',
    deliveryKey: `again:${last().caseId}:${last().at}`,
  });
});

it('goes on with a dead letter that was brought back, whose first life has merged the case', async () => {
  const { store, clock, search, stored, last, attempted } = await start();
  await search.plan(await stored());
  const job = last();
  await attempted('begun');
  await store.cases.change(job.caseId, (kase) => ({ ...kase, state: 'dismissed', mergedInto: 'C-OTHER' }));
  clock.ms = Date.parse(job.at ?? '');
  expect(await search.due(job, 1)).toBeUndefined();
  clock.ms += 3_600_000;
  expect(await search.due(job, 1)).toMatchObject({ kind: 'report' });
});

it.each([
  ['received', 'by another report', 2, true],
  ['acting', 'by another report', 3, true],
  ['received', 'by another report', 1, false],
  ['dead', 'by another report', 2, false],
  ['asking', 'by another report', 2, false],
  ['asking', 'by this one', 2, true],
  ['asking', 'by this one', 1, false],
  ['dead', 'by this one', 2, true],
] as const)(
  'ends what an attempt has entered that died, though the case was closed since (%s %s, attempt %i: %s)',
  async (state, by, attempt, goesOn) => {
    const { store, clock, search, stored, last, attempted } = await start();
    await search.plan(await stored());
    const job = last();
    await attempted('begun');
    clock.ms = Date.parse(job.at ?? '');
    const { clue, reports } = await stored();
    const key = 'token:dfns-demo:to-1';
    const another = reports.map((report) => ({ ...report, key: 'another' }));
    const opened = { ...without(leak, 'receipt', 'verb'), id: caseId(key), key, state };
    await store.cases.open({ ...opened, reports: by === 'by this one' ? reports : another });
    await store.cases.change(job.caseId, (kase) => ({ ...kase, state: 'dismissed', dismissedBy: PEOPLE.admin }));
    expect(await search.due(job, attempt)).toBeUndefined();
    await store.notes.put(`case-of:${clueKey(clue!)}`, key, 3600);
    expect((await search.due(job, attempt)) !== undefined).toBe(goesOn);
    // A dead letter that was brought back is counted from one again.
    clock.ms += 3_600_000;
    expect((await search.due(job, 1)) !== undefined).toBe(goesOn || state === 'received' || by === 'by this one');
  },
);

const decided = { action: 'deactivate', rule: 'sure' } as const;
const toKill = (trouble: CaseTrouble, more: Partial<Case> = {}): Case => ({
  ...leak,
  state: 'not_revoked',
  troubles: [trouble],
  ...more,
});

it.each(Object.keys(FAULTS) as FaultCode[])('a kill that %s has ended is made later as the table says', (fault) => {
  const ended = (next: 'retrying' | 'given_up' | 'final'): CaseTrouble => ({ kind: 'failed', fault, next, attempt: 2 });
  const isLater = FAULTS[fault].later === 'again';
  for (const next of ['given_up', 'final'] as const) {
    expect(isUnsearched(toKill(ended(next)))).toBe(isLater);
    // Nobody has decided yet: the next search does.
    expect(isUnsearched(toKill(ended(next), { decision: { ...decided, action: 'deactivate' } }))).toBe(isLater);
    // The queue has it, or it is a person's to repeat.
    expect(isUnsearched(toKill(ended('retrying')))).toBe(false);
    const asked = toKill(ended(next), { decision: { ...decided, action: 'ask' } });
    expect(isUnsearched(asked)).toBe(next === 'final' && fault === 'provider_unauthorized');
    expect(isUnsearched(toKill(ended(next), { decidedClues: ['*'], clue: unmatched.clue! }))).toBe(
      next === 'final' && fault === 'provider_unauthorized',
    );
    for (const state of ['dead', 'restored', 'dismissed', 'noted', 'waiting'] as const) {
      expect(isUnsearched(toKill(ended(next), { state }))).toBe(false);
    }
  }
});

it.each<[CaseTrouble, boolean]>([
  [{ kind: 'unconfirmed', read: 'active', again: { next: 'given_up', attempt: 100 } }, true],
  [{ kind: 'unconfirmed', read: 'active' }, true],
  [{ kind: 'unconfirmed', read: 'active', again: { next: 'retrying', attempt: 1 } }, false],
  [{ kind: 'unread', profiles: [{ fault: 'secret_unavailable', whose: 'dfns-demo' }] }, true],
  [{ kind: 'refused', why: 'protected', reason: 'emergency access' }, false],
  [{ kind: 'refused', why: 'own', profile: 'dfns-demo' }, false],
  [{ kind: 'refused', why: 'overtaken' }, false],
  [{ kind: 'refused', why: 'overruled' }, false],
  [{ kind: 'not_found' }, false],
  [{ kind: 'unsupported', verb: 'deactivate', answer: { kind: 'unsupported', status: 405 } as never }, false],
  [{ kind: 'alive_again', confirmedAt: '2026-11-22T12:00:00.000Z' }, false],
])('a kill in whose way is %j is made later: %s', (trouble, isLater) => {
  expect(isUnsearched(toKill(trouble))).toBe(isLater);
});

it('a kill that was to follow the time of an owner is made later too, whatever a person had decided before that, and not after', () => {
  const decidedBefore = { decidedClues: ['*'], clue: unmatched.clue! };
  const trouble = { kind: 'unconfirmed', read: 'active' } as const;
  expect(isUnsearched(toKill(trouble, decidedBefore))).toBe(false);
  const afterWait = { decision: { action: 'deactivate', rule: WAIT_RULE } } as const;
  expect(isUnsearched(toKill(trouble, { ...decidedBefore, ...afterWait }))).toBe(true);
  const overruled = { decision: { ...afterWait.decision, overruled: true } } as const;
  expect(isUnsearched(toKill(trouble, overruled))).toBe(false);
});

it('says after a week that it is over, and begins anew with the next report', async () => {
  const { store, clock, search, stored, sent } = await start();
  await search.plan(await stored());
  const { id } = await stored();
  clock.ms += 7.1 * 86_400_000;
  await search.plan(await stored());
  const before = sent.length;
  expect([(await stored()).search, isSearchPlanned(await stored())]).toMatchObject([{ tries: 1, isOver: true }, false]);
  await search.keep(await stored());
  expect(sent).toHaveLength(before);
  const at = new Date(clock.ms).toISOString();
  await store.cases.change(id, (kase) => ({ ...kase, reports: [{ ...kase.reports[0]!, key: 'new', at }] }));
  await search.plan(await stored());
  expect(sent).toHaveLength(before + 1);
  expect((await stored()).search).toMatchObject({ tries: 1, since: at });
  expect(isSearchPlanned(await stored())).toBe(true);
});

it('brings a kill forward once where its provider lets us read and not kill, and whenever somebody has it checked', async () => {
  const { store, clock, sent, search, stored } = await start();
  const { id } = await stored();
  await store.cases.change(id, (kase) => ({
    ...kase,
    ...toKill({
      kind: 'failed',
      fault: 'provider_unauthorized',
      whose: 'dfns-demo',
      status: 403,
      next: 'final',
      attempt: 1,
    }),
    id,
  }));
  await search.plan(await stored());
  expect(sent).toHaveLength(1);
  for (let round = 1; round <= 5; round += 1) {
    clock.ms += 1000;
    await search.answered('dfns-demo');
    // It was tried, and failed again.
    await search.plan(await stored());
  }
  expect(sent).toHaveLength(2);
  await search.answered('dfns-demo', { isChecked: true });
  expect(sent).toHaveLength(3);
});

it('keeps a search planned where none is to come that anybody could still make', async () => {
  const { clock, sent, search, stored } = await start();
  await search.keep(await stored());
  expect(sent).toHaveLength(1);
  await search.keep(await stored());
  clock.ms += 45_000;
  await search.keep(await stored());
  expect(sent).toHaveLength(1);
  clock.ms += 60_000;
  await search.keep(await stored());
  expect(sent).toHaveLength(2);
});

it('comes back where its case says only afterwards that it is planned, and is nothing where it never says so', async () => {
  const { store, sent, clock, search, stored, last } = await start();
  const before = await stored();
  await search.plan(before);
  const { search: planned } = await stored();
  const job = last();
  // The write that says so is under way still.
  await store.cases.change(before.id, () => without(before, 'version'));
  clock.ms += 15_000;
  expect(await search.due(job)).toBeUndefined();
  expect(sent.at(-1)).toMatchObject({ job: { caseId: before.id, at: job.at }, delaySeconds: 30 });
  const again = last();
  await store.cases.change(before.id, (kase) => ({ ...without(kase, 'version'), ...defined({ search: planned }) }));
  clock.ms += 30_000;
  expect(await search.due(again)).toMatchObject({ kind: 'report' });

  const count = sent.length;
  await store.cases.change(before.id, () => without(before, 'version'));
  clock.ms += 40_000;
  expect(await search.due(again)).toBeUndefined();
  expect(sent).toHaveLength(count);
});
