import { beforeEach, describe, expect, it } from 'vitest';
import { tokenKey } from '#shared/store/case-id.ts';
import type { CasePress } from '#shared/cases/case-press.ts';
import { pressCase } from '#shared/cases/press-case.ts';
import { casesOf, settle } from '#shared/cases/settle.ts';
import type { Actor, Token } from '#shared/core/vocabulary.ts';
import type { LeakJob } from '#shared/jobs/job.ts';
import type { Case, CaseState } from '#shared/store/store.ts';
import type { Context } from '#shared/tokens/context.ts';
import type { Change } from '#shared/tokens/outcome.ts';
import { createMemoryStore, doing, type MemoryStore } from '#test/support/memory-store.ts';

const NOW = new Date('2026-01-15T12:00:00.000Z');
const AT = NOW.toISOString();
const actor: Actor = { teamId: 'T1', userId: 'U1' };
const ID = 'C-AAAAAAAA';
const token: Token = {
  provider: 'langsmith',
  profile: 'langsmith-demo',
  id: 'a',
  name: 'laptop',
  kind: 'pat',
  state: 'active',
  permissions: [],
  own: false,
};

let store: MemoryStore;
let sent: LeakJob[];
let ids = 0;
const notes = new Map<string, unknown>();
/** What the jobs of these presses have noted: one job for each press, whose deliveries share it. */
const journalOf = (job: string) => ({
  attempt: 1,
  get: (name: string) => notes.get(`${job} ${name}`),
  put: async (name: string, value: unknown) => void notes.set(`${job} ${name}`, value),
  writing: (name: string, value: unknown) => doing(() => notes.set(`${job} ${name}`, value)),
});
beforeEach(() => {
  notes.clear();
  store = createMemoryStore();
  sent = [];
});
const open = (state: CaseState, more: Partial<Case> = {}) =>
  store.cases.open({
    id: ID,
    key: 'clue:one',
    state,
    openedAt: AT,
    updatedAt: AT,
    reports: [{ source: 'github', key: 'r-1', at: AT }],
    count: 1,
    generation: 0,
    ...more,
  });
const stored = () => store.cases.get(ID);

function press(
  wanted: Omit<CasePress, 'case'>,
  mayDo: boolean | ((profile?: string) => boolean) = true,
  { by = actor, at = AT }: { readonly by?: Actor; readonly at?: string } = {},
) {
  const context = {
    services: { store, now: () => NOW, newId: () => `search-${(ids += 1)}` },
    authority: {
      actor: by,
      may: (verb: 'leak' | 'cases', profile?: string) =>
        (typeof mayDo === 'boolean' ? mayDo : mayDo(profile))
          ? { kind: 'allowed', role: 'operator' }
          : { kind: 'denied', verb, why: 'no_role', roles: [] },
      profilesFor: () => [],
    },
    attempt: { requestedAt: at, journal: journalOf(`${wanted.act} ${by.userId} ${at}`) },
  } as unknown as Context;
  return pressCase(context, async (jobs) => void sent.push(...jobs), { case: ID, ...wanted });
}

it('promises no other try on a case that was closed as not ours', async () => {
  const failure = { kind: 'unread', profiles: [] } as const;
  await open('not_revoked', { troubles: [failure] });
  await press({ act: 'dismiss' });
  expect(await stored()).toMatchObject({ state: 'dismissed', dismissedBy: actor });
  expect((await stored())?.troubles).toBeUndefined();
});

it('marks in a case that is closed that what was to follow the time of an owner is overruled, and nothing else that was decided', async () => {
  for (const [rule, marked] of [
    ['owner-wait', { overruled: true }],
    ['sure', {}],
  ] as const) {
    store = createMemoryStore();
    notes.clear();
    const decision = { action: 'deactivate', rule } as const;
    await open('not_revoked', { decision });
    await press({ act: 'dismiss' });
    const kase = await stored();
    expect([kase?.state, kase?.decision]).toEqual(['dismissed', { ...decision, ...marked }]);
  }
});

describe('"Not ours" on what matches for sure', () => {
  it.each(['proved', 'exact'] as const)(
    '(%s) wants a typed reason, which is on the case and on record',
    async (grade) => {
      await open('asking', { token, grade });
      expect(await press({ act: 'dismiss' })).toMatchObject({ kind: 'denied', why: 'no_reason' });
      expect(await press({ act: 'dismiss', reason: ' ' })).toMatchObject({ kind: 'denied', why: 'no_reason' });
      expect((await stored())?.state).toBe('asking');
      expect(store.entries).toEqual([]);
      await press({ act: 'dismiss', reason: 'a canary that we planted' });
      expect(await stored()).toMatchObject({ state: 'dismissed', dismissReason: 'a canary that we planted' });
      expect(store.entries).toMatchObject([{ what: 'dismiss', reason: 'a canary that we planted' }]);
      await press({ act: 'reopen' });
      expect(await stored()).toMatchObject({ state: 'asking' });
      expect((await stored())?.dismissReason).toBeUndefined();
    },
  );

  it('is one press on what only resembles', async () => {
    await open('asking', { token, grade: 'strong' });
    await press({ act: 'dismiss' });
    expect((await stored())?.state).toBe('dismissed');
  });
});

describe('a press on a case', () => {
  it('names whoever pressed on the case, once, and a search is on record', async () => {
    await open('unmatched', { clue: { form: 'hashed', fingerprint: 'f' } });
    await press({ act: 'retry' });
    await press({ act: 'retry' });
    expect((await stored())?.presses).toEqual([{ act: 'retry', by: actor, at: AT }]);
    expect(store.entries.map(({ what }) => what)).toEqual(['search']);
  });

  it('that is not there any more has lapsed', async () => {
    expect(await press({ act: 'take' })).toMatchObject({ kind: 'denied', why: 'lapsed' });
  });

  it.each(['take', 'dismiss', 'retry'] as const)('%s changes nothing for whoever may not', async (act) => {
    await open('unmatched', { clue: { form: 'hashed', fingerprint: 'f' } });
    const before = await stored();
    expect(await press({ act }, false)).toMatchObject({ kind: 'denied', why: 'no_role' });
    expect([await stored(), sent, store.entries]).toEqual([before, [], []]);
  });

  it('take is on the case and on record', async () => {
    await open('asking');
    expect(await press({ act: 'take' })).toMatchObject({ kind: 'case', case: { takenBy: actor } });
    expect(store.entries).toMatchObject([{ what: 'take', caseId: ID, actor, rule: 'role:operator' }]);
  });

  it('"Not ours" closes what is open, and stops a kill that is between two tries', async () => {
    await open('asking');
    expect(await press({ act: 'dismiss' })).toMatchObject({ case: { state: 'dismissed', dismissedBy: actor } });
    expect((await stored())?.generation).toBe(1);
    expect(store.entries).toHaveLength(1);
  });

  it.each(['dead', 'acting', 'restored', 'waiting', 'received'] as const)(
    '"Not ours" closes nothing that is %s, and puts nothing on record',
    async (state) => {
      await open(state);
      expect(await press({ act: 'dismiss' })).toMatchObject({ kind: 'denied', why: 'settled' });
      expect([(await stored())?.state, store.entries]).toEqual([state, []]);
    },
  );

  const secret = (name: string, at: string) => ({ source: 'github', key: name, at, clueKeys: [`clue:${name}`] });
  const reports = [secret('told', AT), secret('news', '2026-01-15T12:01:00.000Z')];
  const both = { reports, count: 2, clueKeys: ['clue:told', 'clue:news'] };

  it('"Not ours" that comes late decides about no other secret that was reported since it was pressed', async () => {
    await open('asking', both);
    await press({ act: 'dismiss' });
    expect(await stored()).toMatchObject({ state: 'dismissed', decidedClues: ['clue:told'] });
    expect(await store.notes.get('decided:clue:told')).toBe(true);
    expect(await store.notes.get('decided:clue:news')).toBeUndefined();
  });

  it('"Not ours" that comes late ends no kill that another secret has decided which was reported since it was pressed', async () => {
    const decided = (report: string) => ({ decision: { action: 'deactivate', rule: 'sure', report } }) as const;
    await open('not_revoked', { ...both, ...decided('news') });
    const before = await stored();
    expect(await press({ act: 'dismiss' })).toMatchObject({ kind: 'denied', why: 'settled' });
    expect([await stored(), store.entries]).toEqual([before, []]);
    expect(await store.notes.get('decided:clue:told')).toBeUndefined();
    // What was known when it was pressed is decided.
    await store.cases.change(ID, (kase) => ({ ...kase, ...decided('told') }));
    expect(await press({ act: 'dismiss' })).toMatchObject({ case: { state: 'dismissed' } });
  });

  it('"Look again" is not at work for ever when its replay comes after the one search has ended', async () => {
    await open('unmatched', { clue: { form: 'hashed', fingerprint: 'f' } });
    await press({ act: 'retry' });
    await store.cases.change(ID, (kase) => ({ ...kase, state: 'unmatched' }));
    expect(await press({ act: 'retry' })).toMatchObject({ kind: 'case', case: { state: 'unmatched' } });
  });

  it('"Look again" goes on with what its press had begun, where whoever pressed has lost the right since', async () => {
    await open('unmatched', { clue: { form: 'hashed', fingerprint: 'f' } });
    await press({ act: 'retry' });
    sent = [];
    expect(await press({ act: 'retry' }, false)).toMatchObject({ kind: 'case', case: { state: 'received' } });
    expect([sent.length, store.entries.map(({ rule }) => rule)]).toEqual([1, ['role:operator']]);
  });

  it('"Look again" says that it is at work before the job is sent, once for a press', async () => {
    await open('unmatched', { clue: { form: 'hashed', fingerprint: 'f' }, troubles: [{ kind: 'unlocated' }] });
    expect(await press({ act: 'retry' })).toMatchObject({ kind: 'case', case: { state: 'received' } });
    expect(await stored()).not.toHaveProperty('troubles');
    await press({ act: 'retry' });
    expect(new Set(sent.map((job) => ('deliveryKey' in job ? job.deliveryKey : job.kind)))).toEqual(
      new Set([`again:${ID}:search-${ids}`]),
    );
  });

  const other: Actor = { teamId: 'T1', userId: 'U2' };
  const LATER = '2026-01-15T12:00:30.000Z';
  describe.each([
    ['dismiss', 'asking', {}, 'reopen'],
    ['reopen', 'dismissed', { dismissedBy: other }, 'dismiss'],
    ['take', 'asking', {}, 'take'],
  ] as const)('%s', (act, state, more, opposite) => {
    const standing = async () => {
      const { state: now, takenBy, dismissedBy, generation } = (await stored()) ?? expect.fail('no case');
      return { now, takenBy, dismissedBy, generation };
    };

    it('that is delivered again changes nothing that somebody has decided since, and is on record once', async () => {
      await open(state, more);
      await press({ act });
      expect(await press({ act: opposite }, true, { by: other, at: LATER })).toMatchObject({ kind: 'case' });
      const decided = await standing();
      expect(await press({ act })).toMatchObject({ kind: 'case' });
      expect(await standing()).toEqual(decided);
      expect(store.entries.map(({ what, actor: by }) => [what, by])).toEqual([
        [act, actor],
        [opposite, other],
      ]);
      expect((await stored())?.presses).toHaveLength(2);
    });

    it('that comes late changes nothing that somebody has decided since it was made, and is not on record', async () => {
      await open(state, more);
      await press({ act }, true, { by: other, at: LATER });
      if (act !== 'take') await press({ act: opposite }, true, { by: other, at: '2026-01-15T12:00:31.000Z' });
      const decided = await standing();
      expect(await press({ act })).toMatchObject({ kind: 'denied', why: 'settled' });
      expect(await standing()).toEqual(decided);
      expect(store.entries).not.toContainEqual(expect.objectContaining({ actor }));
    });

    it('that is delivered again with nothing in between changes nothing more', async () => {
      await open(state, more);
      await press({ act });
      const once = await stored();
      expect(await press({ act })).toMatchObject({ kind: 'case' });
      expect(await stored()).toEqual(once);
      expect(store.entries).toHaveLength(1);
    });
  });

  it('asks for no token that is not known', async () => {
    await open('unmatched');
    expect(await press({ act: 'deactivate' })).toMatchObject({ kind: 'unknown_token', verb: 'deactivate' });
  });
});

const receipt = (verb: 'deactivate' | 'activate' | 'delete', confirmedAt = AT) =>
  ({ verb, requestedAt: AT, actedAt: AT, confirmedAt, read: verb === 'activate' ? 'active' : 'inactive' }) as const;
const changed = (verb: 'deactivate' | 'activate', more: object = {}): Change => ({
  kind: 'changed',
  verb,
  token,
  already: false,
  receipt: receipt(verb),
  undo: true,
  ...more,
});
const enter = (change: Change, from?: string) => settle({ store, now: () => NOW }, change, { from });

describe('settle', () => {
  const OWN = { key: tokenKey(token), token };
  it('enters a kill into the case it was asked for from, and counts its repeat as no news', async () => {
    await open('asking', OWN);
    await enter(changed('deactivate'), ID);
    const once = await stored();
    expect(once).toMatchObject({ state: 'dead', verb: 'deactivate', receipt: receipt('deactivate') });
    await enter(changed('deactivate'), ID);
    expect(await stored()).toEqual(once);
  });

  it('counts an undo once, however often it is replayed', async () => {
    await open('dead', { ...OWN, verb: 'deactivate' });
    for (const confirmedAt of [AT, '2026-01-15T12:00:05.000Z']) {
      await enter(changed('activate', { receipt: receipt('activate', confirmedAt) }), ID);
    }
    expect(await stored()).toMatchObject({ state: 'restored', generation: 1 });
  });

  it('takes the proof of a kill that was really made again', async () => {
    const later = '2026-01-15T13:00:00.000Z';
    await open('dead', { ...OWN, verb: 'deactivate', receipt: receipt('deactivate') });
    await enter(changed('deactivate', { already: true, receipt: receipt('deactivate', later) }), ID);
    expect((await stored())?.receipt?.confirmedAt).toBe(AT);
    await enter(changed('deactivate', { receipt: receipt('deactivate', later) }), ID);
    expect((await stored())?.receipt?.confirmedAt).toBe(later);
  });

  it('tells what did not happen only where it was asked for', async () => {
    await open('asking', OWN);
    const change: Change = { kind: 'unconfirmed', verb: 'deactivate', token, read: 'active' };
    await enter(change);
    expect((await stored())?.state).toBe('asking');
    await enter(change, ID);
    expect(await stored()).toMatchObject({ state: 'not_revoked', troubles: [{ kind: 'unconfirmed' }] });
  });

  it('leaves a case alone that goes on in another one', async () => {
    await open('dismissed', { mergedInto: 'C-BBBBBBBB' });
    const before = await stored();
    await enter(changed('deactivate'), ID);
    expect(await stored()).toEqual(before);
  });

  it('names the cases whose cards follow, also those of a bulk change', () => {
    const change = changed('deactivate');
    const [own] = casesOf(change);
    expect(casesOf(change, ID)).toEqual([ID, own]);
    expect(casesOf({ kind: 'unconfirmed', verb: 'delete', token, read: 'active' }, ID)).toEqual([ID, own]);
  });
});

describe('a case about several profiles', () => {
  const candidates = ['dfns-demo', 'langsmith-demo'].map((profile) => ({
    token: { ...token, profile },
    grade: 'weak' as const,
    because: [],
  }));
  it.each([
    ['take', 'asking', {}],
    ['dismiss', 'asking', {}],
    ['retry', 'asking', {}],
    ['reopen', 'dismissed', { dismissedBy: actor }],
  ] as const)('wants the right on every one of them (%s)', async (act, state, more) => {
    await open(state, { candidates, ...more });
    for (const allowed of ['dfns-demo', 'langsmith-demo']) {
      const answer = await press({ act, reason: 'mine' }, (profile) => profile === allowed);
      expect(answer).toMatchObject({ kind: 'denied', why: 'no_role' });
    }
    expect(await stored()).toMatchObject({ state });
    expect(await stored()).not.toHaveProperty('takenBy');
  });
});
