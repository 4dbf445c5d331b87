import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Approval, AuditEntry, Case, Store } from '#shared/store/store.ts';

/** A store under test, with a clock that the test moves, and ways to be several processes. */
export interface StoreRig {
  readonly store: Store;
  /** The same store as a process sees it that has stopped dead: what it began is never renewed. */
  readonly stalled: Store;
  /** Moves the clock that the store sees. */
  advance(milliseconds: number): void;
  now(): Date;
  close(): Promise<void>;
}

const COUNT = 50;
const many = <T>(make: (index: number) => Promise<T>, length = COUNT) =>
  Promise.allSettled(Array.from({ length }, (_, i) => make(i)));
const fulfilled = <T>(results: PromiseSettledResult<T>[]) =>
  results.flatMap((r) => (r.status === 'fulfilled' ? [r.value] : []));
const rejected = <T>(results: PromiseSettledResult<T>[]) =>
  results.flatMap((r) => (r.status === 'rejected' ? [r.reason] : []));

/** A promise that the test settles. */
export function gate<T = void>() {
  let open!: (value: T) => void;
  const opened = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

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

/** What every store keeps its word about. `start` gives an empty one. */
export function describeStore(name: string, start: () => Promise<StoreRig>): void {
  describe(`${name} as a store`, () => {
    let rig: StoreRig;
    let store: Store;
    let stalled: Store;
    beforeAll(async () => {
      rig = await start();
      ({ store, stalled } = rig);
    });
    afterAll(() => rig.close());

    describe('remembering a job', () => {
      it('runs the work once for fifty racers, and refuses the others as in progress', async () => {
        let runs = 0;
        const results = await many(() =>
          store.remember('racers', async () => {
            runs += 1;
            await new Promise((resolve) => setTimeout(resolve, 100));
            return 'the result';
          }),
        );
        expect(runs).toBe(1);
        const values = fulfilled(results);
        expect(values.filter(({ replayed }) => !replayed)).toEqual([{ value: 'the result', replayed: false }]);
        expect(values.every(({ value }) => value === 'the result')).toBe(true);
        for (const error of rejected(results)) expect(error).toMatchObject({ code: 'delivery_in_progress' });
      });

      it('gives a later caller the stored result and does not run its work', async () => {
        const value = { kind: 'changed', words: 'Schlüssel 🔑', empty: '', none: null, nested: [{ n: 1.5 }, []] };
        await store.remember('replayed', async () => value);
        const again = await store.remember('replayed', async () => expect.unreachable());
        expect(again).toEqual({ value, replayed: true });
      });

      it('remembers work that gives nothing', async () => {
        await store.remember('nothing', async () => undefined);
        expect(await store.remember('nothing', async () => 'something')).toEqual({ value: undefined, replayed: true });
      });

      it('keeps results apart by key, also by keys longer than a table key may be', async () => {
        const long = 'k'.repeat(5000);
        await store.remember(`${long}1`, async () => 1);
        await store.remember(`${long}2`, async () => 2);
        expect((await store.remember(`${long}1`, async () => 3)).value).toBe(1);
        expect((await store.remember(`${long}2`, async () => 3)).value).toBe(2);
      });

      it('tells a caller during the run that it is in progress, and when to come again', async () => {
        const { opened, open } = gate();
        const begun = gate();
        const running = store.remember('running', () => (begun.open(), opened));
        await begun.opened;
        await expect(store.remember('running', async () => 2)).rejects.toMatchObject({
          code: 'delivery_in_progress',
          retryAfterSeconds: 8,
        });
        open();
        expect(await running).toMatchObject({ replayed: false });
      });

      it('lets the next caller try again when the work throws, with the journal and a higher attempt', async () => {
        const first = store.remember('throws', async (journal) => {
          expect(journal.attempt).toBe(1);
          expect(journal.get('acted')).toBeUndefined();
          await journal.put('acted', { at: '10:00', by: 'first' });
          throw new Error('the provider went away');
        });
        await expect(first).rejects.toThrow('the provider went away');
        const second = await store.remember('throws', async (journal) => {
          expect(journal.attempt).toBe(2);
          return journal.get('acted');
        });
        expect(second).toEqual({ value: { at: '10:00', by: 'first' }, replayed: false });
      });

      it('lets the next caller try again after a crash, once the lease has lapsed, with the journal', async () => {
        const crashed = gate();
        void stalled.remember('crash', async (journal) => {
          await journal.put('acted', 1);
          await journal.put('acted', 2);
          crashed.open();
          return new Promise(() => {}); // The process is gone: nothing renews, nothing ends.
        });
        await crashed.opened;
        rig.advance(7_900);
        await expect(store.remember('crash', async () => 'too early')).rejects.toMatchObject({
          code: 'delivery_in_progress',
        });
        rig.advance(200);
        const value = await store.remember('crash', async (journal) => [journal.attempt, journal.get('acted')]);
        expect(value).toEqual({ value: [2, 2], replayed: false });
      });

      it('lets one of fifty racers take over after a crash', async () => {
        const crashed = gate();
        void stalled.remember('crash-race', () => (crashed.open(), new Promise(() => {})));
        await crashed.opened;
        rig.advance(8_100);
        let runs = 0;
        const results = await many(async () => store.remember('crash-race', async () => ++runs));
        expect(runs).toBe(1);
        expect(fulfilled(results).every(({ value }) => value === 1)).toBe(true);
      });

      it('does not store the result of a run that lost its lease, and gives it the winner’s', async () => {
        const { opened, open } = gate<string>();
        const started = gate();
        const loser = stalled.remember('fenced', () => (started.open(), opened));
        await started.opened;
        rig.advance(8_100);
        expect((await store.remember('fenced', async () => 'winner')).value).toBe('winner');
        open('loser');
        expect(await loser).toEqual({ value: 'winner', replayed: true });
        expect(await store.remember('fenced', async () => 'third')).toEqual({ value: 'winner', replayed: true });
      });

      it('stops a run that lost its lease at the note before its effect, and lets it finish nothing', async () => {
        const acted: string[] = [];
        const { opened, open } = gate();
        const started = gate();
        const loser = stalled.remember('zombie', async (journal) => {
          started.open();
          await opened;
          await journal.put('acted', 'by the loser');
          acted.push('loser');
          return 'loser';
        });
        await started.opened;
        rig.advance(8_100);
        const taken = gate();
        const finish = gate();
        const winner = store.remember('zombie', async (journal) => {
          taken.open();
          await finish.opened;
          return journal.get('acted') ?? 'nothing in the journal';
        });
        await taken.opened;
        open();
        await expect(loser).rejects.toMatchObject({ code: 'delivery_in_progress' });
        expect(acted).toEqual([]);
        finish.open();
        expect(await winner).toEqual({ value: 'nothing in the journal', replayed: false });
      });

      it('does not release the lease of another run when a run that lost its own throws', async () => {
        const { opened, open } = gate();
        const started = gate();
        const loser = stalled.remember('throwing-loser', async () => {
          started.open();
          await opened;
          throw new Error('too late');
        });
        await started.opened;
        rig.advance(8_100);
        const taken = gate();
        const finish = gate();
        const winner = store.remember('throwing-loser', async () => (taken.open(), await finish.opened, 'winner'));
        await taken.opened;
        open();
        await expect(loser).rejects.toThrow('too late');
        await expect(store.remember('throwing-loser', async () => 'third')).rejects.toMatchObject({
          code: 'delivery_in_progress',
        });
        finish.open();
        expect((await winner).value).toBe('winner');
      });

      it('remembers a result and a journal that are each larger than an item may be', async () => {
        const rows = Array.from({ length: 3_000 }, (_, i) => ({
          id: `to-${i}`,
          name: 'n'.repeat(200),
          profile: 'dfns-demo',
        }));
        await expect(
          store.remember('large', async (journal) => {
            for (const row of rows.slice(0, 60)) await journal.put(row.id, { ...row, more: 'x'.repeat(9_000) });
            throw new Error('half way');
          }),
        ).rejects.toThrow('half way');
        const { value } = await store.remember('large', async (journal) => {
          expect(rows.filter(({ id }) => journal.get(id) !== undefined)).toHaveLength(60);
          return rows;
        });
        expect((await store.remember('large', async () => [])).value).toEqual(value);
      });

      it('forgets after thirty days', async () => {
        await store.remember('forgotten', async () => 'old');
        rig.advance(29 * 24 * 3600_000);
        expect((await store.remember('forgotten', async () => 'new')).value).toBe('old');
        rig.advance(2 * 24 * 3600_000);
        expect(await store.remember('forgotten', async () => 'new')).toEqual({ value: 'new', replayed: false });
      });
    });

    describe('holding a key', () => {
      it('gives up when the wait is over', async () => {
        const { opened, open } = gate();
        const started = gate();
        const holder = store.hold('busy', () => (started.open(), opened));
        await started.opened;
        await expect(store.hold('busy', async () => 'second', 1_000)).rejects.toMatchObject({
          code: 'delivery_in_progress',
        });
        open();
        await holder;
        expect(await store.hold('busy', async () => 'third', 0)).toBe('third');
      });

      it('waits a crashed holder out', async () => {
        const started = gate();
        void stalled.hold('crashed-holder', () => (started.open(), new Promise(() => {})));
        await started.opened;
        expect(await store.hold('crashed-holder', async () => 'next')).toBe('next');
      });

      it('frees the key when the work throws', async () => {
        await expect(store.hold('thrower', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
        expect(await store.hold('thrower', async () => 'free', 0)).toBe('free');
      });

      it('does not free a key that another has taken over meanwhile', async () => {
        const late = gate();
        const started = gate();
        const first = stalled.hold('overtaken', () => (started.open(), late.opened));
        await started.opened;
        rig.advance(8_100);
        const second = gate();
        const taken = gate();
        const holder = store.hold('overtaken', () => (taken.open(), second.opened));
        await taken.opened;
        late.open();
        await first;
        await expect(store.hold('overtaken', async () => 'third', 0)).rejects.toMatchObject({
          code: 'delivery_in_progress',
        });
        second.open();
        await holder;
      });
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
        const detail = 'd'.repeat(9_000);
        const entries = Array.from({ length: 150 }, (_, i) =>
          auditEntry({
            id: `big${String(i).padStart(3, '0')}`,
            at: '2026-05-05T05:05:05.000Z',
            token: { profile: 'p', id: 'to-big' },
            detail,
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
        const first = await store.cases.change('C-SEEN', count, seen);
        expect(first).toMatchObject({ changed: true, record: { count: (seen?.count ?? 0) + 1, version: 2 } });
        const second = await store.cases.change('C-SEEN', count, seen);
        expect(second).toMatchObject({ changed: true, record: { count: (seen?.count ?? 0) + 2, version: 3 } });
        expect(await store.cases.change('C-SEEN', () => undefined, second?.record)).toMatchObject({ changed: false });
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

      it('has a single winner of a claim, until its time is over', async () => {
        const claims = fulfilled(await many(() => store.notes.claim('digest', 60)));
        expect(claims.filter(Boolean)).toHaveLength(1);
        expect(await store.notes.claim('digest', 60)).toBe(false);
        rig.advance(61_000);
        expect(await store.notes.claim('digest', 60)).toBe(true);
      });

      it('counts a note that was put as claimed', async () => {
        await store.notes.put('put-first', 1, 60);
        expect(await store.notes.claim('put-first', 60)).toBe(false);
      });
    });
  });
}
