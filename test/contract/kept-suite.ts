import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Fault } from '#shared/core/fault.ts';
import type { Approval, AuditEntry, Case, Store } from '#shared/store/store.ts';

/** A store under test, with a clock that the test moves. */
export interface KeptRig {
  readonly store: Store;
  /** Moves the clock that the store sees. */
  advance(milliseconds: number): void;
  now(): Date;
  close(): Promise<void>;
}

const COUNT = 50;
/** Does it many times at once. */
export const many = <T>(make: (index: number) => Promise<T>, length = COUNT) =>
  Promise.allSettled(Array.from({ length }, (_, i) => make(i)));
export const fulfilled = <T>(results: PromiseSettledResult<T>[]) =>
  results.flatMap((r) => (r.status === 'fulfilled' ? [r.value] : []));
export const rejected = <T>(results: PromiseSettledResult<T>[]) =>
  results.flatMap((r) => (r.status === 'rejected' ? [r.reason] : []));

const person = (userId: string) => ({ teamId: 'T0SANDBOX01', userId });

export function auditEntry(entry: Partial<AuditEntry> & { id: string }): AuditEntry {
  return { at: '2026-03-01T10:00:00.000Z', actor: person('U0ADMIN0001'), what: 'deactivate', result: 'done', ...entry };
}

export function anApproval(id: string, approval: Partial<Approval> = {}): Omit<Approval, 'version'> {
  return {
    id,
    state: 'open',
    order: {
      verb: 'delete',
      tokens: [{ profile: 'dfns-demo', id: 'to-1', name: 'ci' }],
      requester: person('U0OPERATOR1'),
      requestedAt: '2026-03-01T10:00:00.000Z',
      keepGoing: false,
    },
    expiresAt: '2026-03-01T11:00:00.000Z',
    needed: 1,
    rule: 'second-person-for-delete',
    approvedBy: [],
    ...approval,
  };
}

export function aCase(id: string, part: Partial<Case> = {}): Omit<Case, 'version'> {
  return {
    id,
    key: `clue:${id}`,
    state: 'received',
    openedAt: '2026-03-01T10:00:00.000Z',
    updatedAt: '2026-03-01T10:00:00.000Z',
    reports: [],
    count: 0,
    generation: 0,
    ...part,
  };
}

/**
 * What a store keeps its word about where nothing crashes and no lease lapses: also the store in memory, which use cases are
 * tested with. `start` gives an empty one.
 */
export function describeKept(name: string, start: () => Promise<KeptRig>): void {
  describe(`${name} as what keeps things`, () => {
    let rig: KeptRig;
    let store: Store;
    beforeAll(async () => {
      rig = await start();
      ({ store } = rig);
    });
    afterAll(() => rig.close());

    it('remembers a result, keeps the journal of work that threw, and counts the attempts', async () => {
      const first = store.remember('kept', async (journal) => {
        expect(journal.attempt).toBe(1);
        await journal.put('note', { at: 1 });
        throw new Error('on purpose');
      });
      await expect(first).rejects.toThrow('on purpose');
      const second = await store.remember('kept', async (journal) => [journal.attempt, journal.get('note')]);
      expect(second).toEqual({ value: [2, { at: 1 }], replayed: false });
      expect(await store.remember('kept', async () => expect.unreachable())).toEqual({
        value: [2, { at: 1 }],
        replayed: true,
      });
    });

    it('has a result told, and told again where that failed, without the work', async () => {
      const heard: number[] = [];
      const failing = async () => Promise.reject(new Error('not heard'));
      const tell = async (value: number) => void heard.push(value);
      await expect(store.remember('told', async () => 1, failing)).rejects.toThrow('not heard');
      expect(await store.remember('told', async () => expect.unreachable(), tell)).toEqual({
        value: 1,
        replayed: true,
      });
      expect(await store.remember('told at once', async () => 2, tell)).toEqual({ value: 2, replayed: false });
      expect(heard).toEqual([1, 2]);
    });

    it('tells how far a job has come, and begins nothing by that', async () => {
      const progress = () => store.progressOf('looked at');
      expect([await progress(), await progress()]).toEqual([undefined, undefined]);
      const seen: unknown[] = [];
      const failing = store.remember('looked at', async () => {
        seen.push(await progress());
        throw new Error('not yet');
      });
      await expect(failing).rejects.toThrow('not yet');
      expect([...seen, await progress()]).toEqual(['begun', 'begun']);
      const { value } = await store.remember('looked at', async ({ attempt }) => attempt);
      expect([value, await progress()]).toEqual([2, 'done']);
    });

    describe('the audit record', () => {
      it('keeps an entry as it was given, and stores the same entry once', async () => {
        const entry = auditEntry({
          id: 'whole',
          verb: 'deactivate',
          token: { profile: 'dfns-demo', id: 'to-whole' },
          tokenName: 'ci ✓',
          caseId: 'C-WHOLE',
          reason: '',
          rule: 'admin',
          approvedBy: [person('U0APPROVER1')],
        });
        await many(() => store.audit.append(entry));
        expect(await store.audit.query({ token: { id: 'to-whole' }, limit: 10 })).toEqual([entry]);
        expect(await store.audit.query({ caseId: 'C-WHOLE', limit: 10 })).toEqual([entry]);
        const ofActor = await store.audit.query({ actorUserId: 'U0ADMIN0001', limit: 100 });
        expect(ofActor.filter(({ id }) => id === 'whole')).toEqual([entry]);
      });

      it('stores a replay once although it tells another time, and keeps the first telling', async () => {
        const entry = auditEntry({
          id: 'told-twice',
          token: { profile: 'p', id: 'to-told' },
          at: '2026-03-02T10:00:00.000Z',
        });
        await store.audit.append(entry);
        await store.audit.append({ ...entry, at: '2026-03-03T10:00:01.000Z', result: 'already' });
        expect(await store.audit.query({ token: { id: 'to-told' }, limit: 10 })).toEqual([entry]);
        const byDay = await store.audit.query({ since: '2026-03-02T00:00:00Z', limit: 1000 });
        expect(byDay.filter(({ id }) => id === 'told-twice')).toEqual([entry]);
      });

      it('tells a token’s, a person’s, a case’s and everybody’s entries, newest first, within limits', async () => {
        const start = Date.parse('2026-04-10T00:00:00.000Z');
        const entries = Array.from({ length: 40 }, (_, i) =>
          auditEntry({
            id: `e${String(i).padStart(2, '0')}`,
            // Over ten days; without milliseconds now and then, as some clocks tell it.
            at: new Date(start + i * 6 * 3600_000).toISOString().replace(i % 3 === 0 ? '.000' : 'never', ''),
            actor: i % 2 === 0 ? person('U0EVEN') : { source: 'github' },
            token: { profile: i % 4 === 0 ? 'one' : 'two', id: `to-${i % 5}` },
            ...(i % 10 === 0 && { caseId: 'C-TEN' }),
          }),
        );
        for (let i = 0; i < 40; i += 1) await store.audit.append(entries[(i * 7) % 40]!); // In no order.
        const newest = entries.toReversed();
        const since = entries[13]!.at;
        const later = newest.slice(0, 27);

        expect(await store.audit.query({ since, limit: 100 })).toEqual(later);
        expect(await store.audit.query({ since, limit: 5 })).toEqual(later.slice(0, 5));
        expect(await store.audit.query({ limit: 40 })).toEqual(newest);
        expect(await store.audit.query({ since, limit: 0 })).toEqual([]);
        expect(await store.audit.query({ token: { id: 'to-0' }, limit: 100 })).toEqual(
          newest.filter(({ token }) => token?.id === 'to-0'),
        );
        expect(await store.audit.query({ token: { profile: 'one', id: 'to-0' }, limit: 100 })).toEqual(
          newest.filter(({ token }) => token?.id === 'to-0' && token.profile === 'one'),
        );
        expect(await store.audit.query({ actorUserId: 'U0EVEN', since, limit: 100 })).toEqual(
          later.filter(({ actor }) => 'userId' in actor),
        );
        expect(await store.audit.query({ caseId: 'C-TEN', limit: 2 })).toEqual(
          newest.filter(({ caseId }) => caseId).slice(0, 2),
        );
        expect(await store.audit.query({ caseId: 'C-TEN', actorUserId: 'U0NOBODY', limit: 2 })).toEqual([]);
        expect(await store.audit.query({ actorUserId: 'U0EVEN', token: { id: 'to-1' }, limit: 9 })).toEqual(
          newest.filter(({ token, actor }) => token?.id === 'to-1' && 'userId' in actor),
        );
      });

      it('orders by time, not by how the time is written', async () => {
        const token = { profile: 'p', id: 'to-order' };
        const times = [
          '2026-04-30T12:00:00Z',
          '2026-04-30T12:00:00.500Z',
          '2026-04-30T14:00:01+02:00',
          '2026-04-30T12:00:02.000Z',
        ];
        for (const [index, at] of times.entries())
          await store.audit.append(auditEntry({ id: `order${3 - index}`, at, token }));
        const ids = async (since: string) => (await store.audit.query({ token, since, limit: 9 })).map(({ at }) => at);
        expect(await ids('2026-04-30T12:00:00Z')).toEqual(times.toReversed());
        expect(await ids('2026-04-30T12:00:00.250Z')).toEqual(times.toReversed().slice(0, 3));
        expect(await ids('2026-04-30T14:00:01.000+02:00')).toEqual(times.toReversed().slice(0, 2));
      });

      it('reads on over more than a megabyte', async () => {
        const reason = 'd'.repeat(9_000);
        const entries = Array.from({ length: 150 }, (_, i) =>
          auditEntry({
            id: `big${String(i).padStart(3, '0')}`,
            at: '2026-05-05T05:05:05.000Z',
            token: { profile: 'p', id: 'to-big' },
            reason,
          }),
        );
        await Promise.all(entries.map((entry) => store.audit.append(entry)));
        const ids = (found: readonly AuditEntry[]) => found.map(({ id }) => id);
        const newest = ids(entries.toReversed());
        expect(ids(await store.audit.query({ token: { id: 'to-big' }, limit: 1000 }))).toEqual(newest);
        expect(ids(await store.audit.query({ since: '2026-05-05T00:00:00Z', limit: 1000 }))).toEqual(newest);
      });
    });

    describe('records', () => {
      it('opens a record once, and gives the later ones what is stored', async () => {
        const results = fulfilled(await many((index) => store.cases.open(aCase('C-OPEN', { count: index }))));
        expect(results).toHaveLength(COUNT);
        expect(results.filter(({ isNew }) => isNew)).toHaveLength(1);
        const stored = await store.cases.get('C-OPEN');
        expect(stored?.version).toBe(1);
        for (const { record } of results) expect(record).toEqual(stored);
      });

      it('knows nothing of what was never opened', async () => {
        expect(await store.cases.get('C-NEVER')).toBeUndefined();
        expect(await store.cases.change('C-NEVER', (record) => record)).toBeUndefined();
      });

      it('has a single winner when two approvers press at the same instant', async () => {
        await store.approvals.open(anApproval('A-1'));
        const press = (userId: string) =>
          store.approvals.change('A-1', (record) =>
            record.state === 'open'
              ? {
                  ...record,
                  state: 'approved',
                  approvedBy: [...record.approvedBy, { actor: person(userId), at: rig.now().toISOString() }],
                }
              : undefined,
          );
        const answers = await Promise.all([press('U0APPROVER1'), press('U0ADMIN0001')]);
        expect(answers.filter((answer) => answer?.changed)).toHaveLength(1);
        const stored = await store.approvals.get('A-1');
        expect(stored).toMatchObject({ state: 'approved', version: 2 });
        expect(stored?.approvedBy).toHaveLength(1);
        for (const answer of answers) expect(answer?.record).toEqual(stored);
      });

      it('has one ending when one approves and another refuses at the same instant', async () => {
        for (let round = 0; round < 10; round += 1) {
          const id = `A-ends-${round}`;
          await store.approvals.open(anApproval(id));
          const end = (state: Approval['state']) =>
            store.approvals.change(id, (record) => (record.state === 'open' ? { ...record, state } : undefined));
          const answers = await Promise.all([end('approved'), end('refused'), end('lapsed')]);
          expect(answers.filter((answer) => answer?.changed)).toHaveLength(1);
          expect((await store.approvals.get(id))?.state).toBe(answers.find((answer) => answer?.changed)?.record.state);
        }
      });

      it('changes a record that was read before, and reads it again when somebody else was quicker', async () => {
        await store.cases.open(aCase('C-SEEN'));
        const seen = await store.cases.get('C-SEEN');
        const count = (record: Case) => ({ ...record, count: record.count + 1 });
        const first = await store.cases.change('C-SEEN', count, { seen });
        expect(first).toMatchObject({ changed: true, record: { count: (seen?.count ?? 0) + 1, version: 2 } });
        const second = await store.cases.change('C-SEEN', count, { seen });
        expect(second).toMatchObject({ changed: true, record: { count: (seen?.count ?? 0) + 2, version: 3 } });
        expect(await store.cases.change('C-SEEN', () => undefined, { seen: second?.record })).toMatchObject({
          changed: false,
        });
      });

      it('loses no change under a race of thirty', async () => {
        await store.cases.open(aCase('C-RACE'));
        const at = '2026-03-01T10:00:00.000Z';
        const results = await many(
          (index) =>
            store.cases.change('C-RACE', (record) => ({
              ...record,
              count: record.count + 1,
              reports: [...record.reports, { source: 'generic', key: `k${index}`, at }],
            })),
          30,
        );
        expect(rejected(results)).toEqual([]);
        const stored = await store.cases.get('C-RACE');
        expect(stored).toMatchObject({ count: 30, version: 30 + 1 });
        expect(new Set(stored?.reports.map(({ key }) => key)).size).toBe(30);
      });

      it('changes a record by a write that is made with others, unless somebody has changed it since it was read', async () => {
        const { record: seen } = await store.cases.open(aCase('C-CHANGING'));
        const unmet = () => new Fault('delivery_in_progress', 'changed meanwhile');
        const heard: Case[] = [];
        const changing = (count: number, from = seen) =>
          store.cases.changing(from, { ...from, count }, { done: (stored) => heard.push(stored), unmet });
        await store.cases.open(aCase('C-CHANGING-1'), [changing(7)]);
        const stored = await store.cases.get('C-CHANGING');
        expect(stored).toEqual({ ...seen, count: 7, version: seen.version + 1 });
        expect(heard).toEqual([stored]);
        await expect(store.cases.open(aCase('C-CHANGING-2'), [changing(8)])).rejects.toMatchObject({
          code: 'delivery_in_progress',
        });
        expect(await store.cases.get('C-CHANGING-2')).toBeUndefined();
        expect(await store.cases.get('C-CHANGING')).toEqual(stored);
        expect(heard).toHaveLength(1);
        await store.cases.open(aCase('C-CHANGING-3'), [changing(9, stored)]);
        expect(await store.cases.change('C-CHANGING', (kase) => ({ ...kase, count: kase.count + 1 }))).toMatchObject({
          record: { count: 10 },
        });
      });

      it('does not let a change move a record to another id or version', async () => {
        await store.cases.open(aCase('C-FIXED'));
        await store.cases.change('C-FIXED', (record) => ({ ...record, id: 'C-OTHER', version: 99 }));
        expect(await store.cases.get('C-FIXED')).toMatchObject({ id: 'C-FIXED', version: 2 });
        expect(await store.cases.get('C-OTHER')).toBeUndefined();
      });

      it('lists what is open and everything, newest first, and follows a record that closes', async () => {
        const states = ['received', 'dead', 'asking', 'dismissed', 'not_revoked', 'unmatched', 'shadowed'] as const;
        for (const [day, state] of states.entries()) {
          await store.cases.open(aCase(`C-LIST${day}`, { state, openedAt: `2026-06-0${day + 1}T00:00:00.000Z` }));
        }
        const since = '2026-06-01T00:00:00.000Z';
        const ids = async (query: Parameters<typeof store.cases.list>[0]) =>
          (await store.cases.list(query)).map(({ id }) => id);
        expect(await ids({ since, limit: 100 })).toEqual([6, 5, 4, 3, 2, 1, 0].map((day) => `C-LIST${day}`));
        expect(await ids({ open: true, since, limit: 100 })).toEqual([5, 4, 2, 0].map((day) => `C-LIST${day}`));
        expect(await ids({ open: false, limit: 3 })).toEqual([6, 5, 4].map((day) => `C-LIST${day}`));
        expect(await ids({ open: true, since: '2026-06-03T00:00:00.000Z', limit: 2 })).toEqual(['C-LIST5', 'C-LIST4']);
        expect(await ids({ limit: 0 })).toEqual([]);
        await store.cases.change('C-LIST5', (record) => ({ ...record, state: 'dismissed' }));
        expect(await ids({ open: true, since, limit: 100 })).toEqual([4, 2, 0].map((day) => `C-LIST${day}`));
        expect(await ids({ since, limit: 1 })).toEqual(['C-LIST6']);
      });

      it('keeps cases and approvals apart', async () => {
        await store.approvals.open(anApproval('SAME'));
        expect(await store.cases.get('SAME')).toBeUndefined();
        expect(
          (await store.approvals.list({ limit: 100 })).every(({ rule }) => rule === 'second-person-for-delete'),
        ).toBe(true);
      });
    });

    describe('what is written along', () => {
      const note = (key: string) => store.notes.writing(key, 'written', 60);

      it('is written with a new record, and not where that is there already', async () => {
        expect(await store.cases.open(aCase('C-ALONG'), [note('with-new')])).toMatchObject({ isNew: true });
        expect(await store.cases.open(aCase('C-ALONG'), [note('with-old')])).toMatchObject({ isNew: false });
        expect(await store.notes.get('with-new')).toBe('written');
        expect(await store.notes.get('with-old')).toBeUndefined();
      });

      it('is written with a change, by the record as it will be, and not where nothing changes', async () => {
        const along = ({ count }: Case) => [note(`count-${count}`)];
        await store.cases.open(aCase('C-CHANGED', { count: 7 }));
        await store.cases.change('C-CHANGED', (kase) => ({ ...kase, count: 8 }), { along });
        await store.cases.change('C-CHANGED', () => undefined, { along: () => [note('count-none')] });
        expect(await store.notes.get('count-8')).toBe('written');
        expect(await store.notes.get('count-none')).toBeUndefined();
      });

      it('is written with a journal’s note, and such a note with something else', async () => {
        const { value } = await store.remember('along', async (journal) => {
          await journal.put('first', 1, [note('with-journal')]);
          await store.cases.open(aCase('C-NOTED'), [journal.writing('second', 2)]);
          return [journal.get('first'), journal.get('second')];
        });
        expect(value).toEqual([1, 2]);
        expect(await store.notes.get('with-journal')).toBe('written');
      });

      it('is left with a key that is given back', async () => {
        await store.hold('leaving', async ({ leave }) => leave(note('left')));
        expect(await store.notes.get('left')).toBe('written');
      });

      it('is written by the winner of a claim alone', async () => {
        expect(await store.notes.claim('place', 60, { by: 'one', along: [note('by-one')] })).toBe(true);
        expect(await store.notes.claim('place', 60, { by: 'two', along: [note('by-two')] })).toBe(false);
        expect(await store.notes.get('by-one')).toBe('written');
        expect(await store.notes.get('by-two')).toBeUndefined();
      });

      it('is an entry of the record, several of a day, and leaves out what is there already', async () => {
        const [first, second] = ['along-1', 'along-2'].map((id) =>
          auditEntry({ id, at: '2026-08-01T10:00:00.000Z', caseId: 'C-ALONG-AUDIT' }),
        ) as [AuditEntry, AuditEntry];
        await store.audit.append(first);
        const again = { ...first, at: '2026-08-01T11:00:00.000Z' };
        await store.cases.open(aCase('C-RECORDED'), [store.audit.writing(again), store.audit.writing(second)]);
        expect(await store.cases.get('C-RECORDED')).toBeDefined();
        expect(await store.audit.query({ caseId: 'C-ALONG-AUDIT', limit: 9 })).toEqual([second, first]);
        const byDay = await store.audit.query({ since: '2026-08-01T00:00:00.000Z', limit: 99 });
        expect(byDay).toEqual(expect.arrayContaining([first, second]));
      });

      it('ends the job and gives its keys back together with the change that they were for', async () => {
        await store.cases.open(aCase('C-ENDED'));
        const work = () =>
          store.remember('ended', (journal) =>
            store.hold('outer', async (outer) => {
              await store.hold('inner', async (inner) => {
                inner.keep('kept');
                inner.leave(note('left-inside'));
                const along = () => [...inner.givingBack(), ...outer.givingBack(), journal.ending('the end')];
                expect(journal.ended()).toBeUndefined();
                await store.cases.change('C-ENDED', (kase) => ({ ...kase, count: 1 }), { along });
                expect(journal.ended()).toBe('the end');
                expect(await store.kept('inner')).toBe('kept');
              });
              return 'what the work gives';
            }),
          );
        expect(await work()).toEqual({ value: 'the end', replayed: false });
        expect(await work()).toEqual({ value: 'the end', replayed: true });
        expect(await store.notes.get('left-inside')).toBe('written');
        expect(await store.cases.get('C-ENDED')).toMatchObject({ count: 1 });
      });
    });

    describe('what is kept with a key', () => {
      it('is there for the next holder, and for whoever asks without holding it', async () => {
        expect(await store.kept('keeper')).toBeUndefined();
        await store.hold('keeper', async ({ kept, keep }) => {
          expect(kept()).toBeUndefined();
          keep({ orders: [1, 2] });
        });
        expect(await store.kept('keeper')).toEqual({ orders: [1, 2] });
        expect(await store.hold('keeper', async ({ waited, kept }) => [waited, kept()])).toEqual([
          false,
          { orders: [1, 2] },
        ]);
      });

      it('tells that somebody has held it before, where anything is kept of that', async () => {
        const isFirst = () => store.hold('first', async ({ isFirst: first }) => first);
        expect([await isFirst(), await isFirst()]).toEqual([true, true]);
        const keeper = store.hold('first', async ({ keep }) => (keep(true), Promise.reject(new Error('no'))));
        await expect(keeper).rejects.toThrow('no');
        expect(await isFirst()).toBe(false);
      });

      it('is written before the key is given back, where it is written along', async () => {
        await store.hold('keeps-along', async ({ keeping, kept }) => {
          await store.cases.open(aCase('C-KEEPS'), [keeping('begun')]);
          expect(kept()).toBe('begun');
          expect(await store.kept('keeps-along')).toBe('begun');
        });
      });
    });

    describe('notes', () => {
      it('gives a note back until its time is over', async () => {
        await store.notes.put('cursor', { page: 2, filters: ['--active'] }, 60);
        expect(await store.notes.get('cursor')).toEqual({ page: 2, filters: ['--active'] });
        await store.notes.put('cursor', { page: 3 }, 60);
        rig.advance(58_000);
        expect(await store.notes.get('cursor')).toEqual({ page: 3 });
        rig.advance(3_000);
        expect(await store.notes.get('cursor')).toBeUndefined();
        expect(await store.notes.get('never')).toBeUndefined();
      });

      it('counts for each side whatever comes at once, and gives both', async () => {
        const counted = fulfilled(await many((nth) => store.notes.count('tally', { of: 'people', by: nth }, 60)));
        const people = (COUNT * (COUNT - 1)) / 2;
        expect(Math.max(...counted.map((tally) => tally.people))).toBe(people);
        expect(await store.notes.count('tally', { of: 'alerts', by: 3 }, 60)).toEqual({ people, alerts: 3 });
        expect(await store.notes.count('tally', { of: 'alerts', by: 0 }, 60)).toEqual({ people, alerts: 3 });
      });

      it('has a single winner of a claim, until its time is over', async () => {
        const claims = fulfilled(await many(() => store.notes.claim('digest', 60)));
        expect(claims.filter(Boolean)).toHaveLength(1);
        expect(await store.notes.claim('digest', 60)).toBe(false);
        rig.advance(61_000);
        expect(await store.notes.claim('digest', 60)).toBe(true);
      });

      it('gives whoever claims again under the same name its whole time from then on', async () => {
        expect(await store.notes.claim('again', 60, { by: 'me' })).toBe(true);
        rig.advance(59_000);
        expect(await store.notes.claim('again', 60, { by: 'me' })).toBe(true);
        rig.advance(59_000);
        expect(await store.notes.claim('again', 60, { by: 'other' })).toBe(false);
        rig.advance(2_000);
        expect(await store.notes.claim('again', 60, { by: 'other' })).toBe(true);
      });

      it('claims one of several keys for each name, the same again for the same one, until all are taken', async () => {
        const keys = ['one-of:0', 'one-of:1', 'one-of:2'];
        const claim = (by: string) =>
          store.notes.claimOneOf(keys, 60, { by, along: [store.notes.writing(`one-of-${by}`, 'written', 600)] });
        const names = ['a', 'b', 'c', 'd', 'e'];
        const first = fulfilled(await Promise.allSettled(names.map(claim)));
        expect(first.filter(Boolean)).toHaveLength(3);
        const holders = await Promise.all(keys.map((key) => store.notes.get<string>(key)));
        expect([...holders].sort()).toEqual(names.filter((_, nth) => first[nth]));
        rig.advance(30_000);
        for (const [nth, name] of names.entries()) expect(await claim(name)).toBe(first[nth]);
        expect(await Promise.all(keys.map((key) => store.notes.get<string>(key)))).toEqual(holders);
        for (const [nth, name] of names.entries())
          expect(await store.notes.get(`one-of-${name}`)).toBe(first[nth] ? 'written' : undefined);
        rig.advance(31_000);
        // Whoever claimed again has it for longer.
        expect(await claim('f')).toBe(false);
        rig.advance(30_000);
        expect(await claim('f')).toBe(true);
        expect(await store.notes.claimOneOf([], 60, { by: 'a' })).toBe(false);
      });

      it('claims one of several keys by a write that is made with others, or not at all', async () => {
        const unmet = () => new Fault('delivery_in_progress', 'somebody else has it');
        const claiming = (by: string) => store.notes.claimingOneOf(['along'], 60, { by, unmet });
        // Both made while it is free.
        const [mine, other] = [claiming('me')!, claiming('other')!];
        await store.cases.open(aCase('C-CLAIMING-1'), [mine]);
        await expect(store.cases.open(aCase('C-CLAIMING-2'), [other])).rejects.toMatchObject({
          code: 'delivery_in_progress',
        });
        expect(await store.cases.get('C-CLAIMING-2')).toBeUndefined();
        expect(await store.notes.claimOneOf(['along'], 60, { by: 'other' })).toBe(false);
        expect(claiming('other')).toBeUndefined();
        rig.advance(59_000);
        await store.cases.open(aCase('C-CLAIMING-3'), [claiming('me')!]);
        rig.advance(2_000);
        // Whoever claimed again has it for longer.
        expect(await store.notes.claimOneOf(['along'], 60, { by: 'other' })).toBe(false);
        rig.advance(60_000);
        await store.cases.open(aCase('C-CLAIMING-4'), [claiming('other')!]);
        expect(await store.notes.get('along')).toBe('other');
      });

      it('counts a note that was put as claimed', async () => {
        await store.notes.put('put-first', 1, 60);
        expect(await store.notes.claim('put-first', 60)).toBe(false);
      });
    });
  });
}
