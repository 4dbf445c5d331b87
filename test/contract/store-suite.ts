import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { holdAhead } from '#shared/store/hold-ahead.ts';
import type { Store } from '#shared/store/store.ts';
import { aCase, type KeptRig, fulfilled, many, rejected } from './kept-suite.ts';

/** A store under test that can be several processes. */
export interface StoreRig extends KeptRig {
  /** The same store as a process sees it that has stopped dead: what it began is never renewed. */
  readonly stalled: Store;
}

/** A promise that the test settles. */
export function gate<T = void>() {
  let open!: (value: T) => void;
  const opened = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** What a store keeps its word about when processes race, stop and crash. `start` gives an empty one. */
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

      it('writes nothing along for a run that has lost its job', async () => {
        const [begun, late] = [gate(), gate()];
        const first = stalled.remember('lost-job', async (journal) => {
          begun.open();
          await late.opened;
          await stalled.cases.open(aCase('C-OF-A-LOST-JOB'), [journal.writing('opened', true)]);
        });
        await begun.opened;
        rig.advance(8_100);
        await store.remember('lost-job', async () => 'taken over');
        late.open();
        await expect(first).rejects.toMatchObject({ code: 'delivery_in_progress' });
        expect(await store.cases.get('C-OF-A-LOST-JOB')).toBeUndefined();
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

      it('has a result told by one caller at a time, and keeps all others waiting for a lease', async () => {
        const [telling, told] = [gate(), gate()];
        const heard: string[] = [];
        const tellAs = (who: string) => async (value: string) => void heard.push(`${who}: ${value}`);
        const first = store.remember(
          'told',
          async () => 'done',
          async (value) => {
            telling.open();
            await told.opened;
            await tellAs('first')(value);
          },
        );
        await telling.opened;
        const busy = { code: 'delivery_in_progress', retryAfterSeconds: 8 };
        const second = () => store.remember('told', async () => expect.unreachable(), tellAs('second'));
        await expect(second()).rejects.toMatchObject(busy);
        told.open();
        expect(await first).toEqual({ value: 'done', replayed: false });
        await expect(second()).rejects.toMatchObject(busy);
        expect(await store.remember('told', async () => expect.unreachable())).toMatchObject({ value: 'done' });
        rig.advance(8_100);
        expect(await second()).toEqual({ value: 'done', replayed: true });
        expect(await second()).toEqual({ value: 'done', replayed: true });
        expect(heard).toEqual(['first: done', 'second: done', 'second: done']);
      });

      it('lets the next caller tell at once where telling threw, also one that told again', async () => {
        const failing = async () => Promise.reject(new Error('Slack went away'));
        await expect(store.remember('untold', async () => 'done', failing)).rejects.toThrow('Slack went away');
        await expect(store.remember('untold', async () => 'new', failing)).rejects.toThrow('Slack went away');
        const heard: string[] = [];
        await store.remember(
          'untold',
          async () => 'new',
          async (value) => void heard.push(value),
        );
        expect(heard).toEqual(['done']);
      });

      it('lets fifty racers tell after a crash, no two at once, when the lease has lapsed, also where the work has ended the job', async () => {
        const crashed = gate();
        void stalled.remember(
          'crash-untold',
          async (journal) => {
            await store.cases.open(aCase('C-OF-AN-UNTOLD-JOB'), [journal.ending('done')]);
            return 'another';
          },
          () => (crashed.open(), new Promise(() => {})),
        );
        await crashed.opened;
        const heard: string[] = [];
        let [atOnce, most] = [0, 0];
        const tell = async (value: string) => {
          most = Math.max(most, (atOnce += 1));
          await new Promise((resolve) => setTimeout(resolve, 20));
          atOnce -= 1;
          heard.push(value);
        };
        const race = () => many(() => store.remember('crash-untold', async () => 'new', tell));
        for (const error of rejected(await race())) expect(error).toMatchObject({ code: 'delivery_in_progress' });
        expect(heard).toEqual([]);
        rig.advance(8_100);
        const told = fulfilled(await race());
        expect(told[0]).toEqual({ value: 'done', replayed: true });
        expect([most, heard.length]).toEqual([1, told.length]);
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

      it('gives the next holder what a crashed one has written along, and lets nothing be left by one that was overtaken', async () => {
        const [begun, late] = [gate(), gate()];
        const first = stalled.hold('crashed-keeper', async ({ keeping, leave }) => {
          await stalled.cases.open({ ...aCase('C-KEPT-BY-CRASHED') }, [keeping('begun')]);
          begun.open();
          await late.opened;
          leave(stalled.notes.writing('left-too-late', 1, 60));
        });
        await begun.opened;
        rig.advance(8_100);
        expect(await store.hold('crashed-keeper', async ({ kept }) => kept())).toBe('begun');
        late.open();
        await expect(first).rejects.toMatchObject({ code: 'delivery_in_progress' });
        expect(await store.notes.get('left-too-late')).toBeUndefined();
      });

      it('takes a key ahead where nobody has it, once, and keeps it until it is used or let go', async () => {
        const ahead = holdAhead(store, 'ahead');
        const used = await ahead.hold(async ({ waited, keep }) => {
          await expect(store.hold('ahead', async () => 'other', 0)).rejects.toMatchObject({
            code: 'delivery_in_progress',
          });
          await ahead.letGo();
          await expect(store.hold('ahead', async () => 'other', 0)).rejects.toMatchObject({
            code: 'delivery_in_progress',
          });
          keep('by who took it');
          return waited;
        });
        expect(used).toBe(false);
        expect(await store.hold('ahead', async ({ kept }) => kept(), 0)).toBe('by who took it');
        // Whoever needs it again holds it anew.
        expect(await ahead.hold(async ({ kept }) => kept())).toBe('by who took it');

        const unused = holdAhead(store, 'ahead');
        await unused.letGo();
        expect(await store.hold('ahead', async ({ kept }) => kept(), 0)).toBe('by who took it');
        expect(await unused.hold(async () => 'after all')).toBe('after all');
      });

      it('takes no key ahead from somebody, and waits for that one only once what was taken beside it is let go', async () => {
        const { opened, open } = gate();
        const started = gate();
        const holder = store.hold('ahead-busy', () => (started.open(), opened));
        await started.opened;
        const beside = holdAhead(store, 'ahead-beside');
        const ahead = holdAhead(store, 'ahead-busy', beside.letGo);
        const waiting = ahead.hold(async ({ waited }) => waited);
        // Given back without anybody having used it, while the other one is still waited for.
        expect(await store.hold('ahead-beside', async () => 'free')).toBe('free');
        open();
        await holder;
        expect(await waiting).toBeTypeOf('boolean');
      });

      it('gives a key that was taken ahead the end of its work, also where that throws', async () => {
        await expect(holdAhead(store, 'ahead-thrower').hold(() => Promise.reject(new Error('no')))).rejects.toThrow(
          'no',
        );
        expect(await store.hold('ahead-thrower', async () => 'free', 0)).toBe('free');
      });

      it('tells that one which crashed has held it', async () => {
        const taken = gate();
        void stalled.hold('first-crashed', () => (taken.open(), new Promise(() => {})));
        await taken.opened;
        rig.advance(8_100);
        expect(await store.hold('first-crashed', async ({ isFirst }) => isFirst)).toBe(false);
      });

      it('lets the next one in as soon as a key is given back by a write, though its holder works on', async () => {
        await store.hold('given-back', async ({ givingBack }) => {
          await store.cases.open(aCase('C-GIVEN-BACK'), givingBack());
          expect(await store.hold('given-back', async () => 'next', 0)).toBe('next');
        });
      });

      it('changes nothing with a key or a job that somebody else has by now', async () => {
        const [begun, late] = [gate(), gate()];
        await store.cases.open(aCase('C-LOST-ALONG'));
        const lost = stalled.remember('lost-along', (journal) =>
          stalled.hold('lost-along', async ({ givingBack }) => {
            begun.open();
            await late.opened;
            const along = () => [...givingBack(), journal.ending('mine')];
            await stalled.cases.change('C-LOST-ALONG', (kase) => ({ ...kase, count: 9 }), { along });
          }),
        );
        await begun.opened;
        rig.advance(8_100);
        await store.hold('lost-along', async () => undefined);
        expect(await store.remember('lost-along', async () => 'theirs')).toMatchObject({ value: 'theirs' });
        late.open();
        await expect(lost).rejects.toMatchObject({ code: 'delivery_in_progress' });
        expect(await store.cases.get('C-LOST-ALONG')).toMatchObject({ count: 0 });
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
  });
}
