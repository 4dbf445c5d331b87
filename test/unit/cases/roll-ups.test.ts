import { expect, it } from 'vitest';
import { postingNote } from '#shared/cases/posting-note.ts';
import { createRollUps, type RollUp, rollUpKey } from '#shared/cases/roll-ups.ts';
import { createShowCase } from '#shared/cases/show-case.ts';
import type { Case } from '#shared/store/store.ts';
import { createMemoryStore } from '#test/support/memory-store.ts';
import { addToken, CARD_ALONE, createRoom } from '#test/support/room.ts';

const START = Date.parse('2026-11-22T12:00:00.000Z');
const token = addToken(createRoom(), 'a');

/** A channel for two cards of a kind in ten minutes, and a clock that sleeping moves. */
function start() {
  const memory = createMemoryStore();
  /** True while the process is dead: it has said what it said, and writes nothing more. */
  const death = { is: false, follows: false };
  const put: typeof memory.notes.put = (...note) =>
    death.is ? Promise.reject(new Error('dies')) : memory.notes.put(...note);
  const store = { ...memory, notes: { ...memory.notes, put } };
  const clock = { ms: START };
  const said: RollUp[] = [];
  const rollUpsBy = (aheadMs: number) =>
    createRollUps({
      store,
      now: () => new Date(clock.ms + aheadMs),
      // Everything that comes at once is there before the first who sleeps wakes.
      sleep: async (milliseconds) => {
        await new Promise((resolve) => setImmediate(resolve));
        clock.ms += milliseconds;
      },
      flood: { cards: 2, minutes: 10 },
      announceRollUp: async (rollUp, begin) => {
        await begin();
        said.push(rollUp);
        death.is = death.follows;
        return { channel: 'C0SECURITY1', ts: 'the-one' };
      },
    });
  const rollUps = rollUpsBy(0);
  let made = 0;
  const open = async (more: Partial<Case> = {}): Promise<Case> => {
    const id = `C-${(made += 1)}`;
    const at = new Date(clock.ms).toISOString();
    const reports = [{ source: 'generic', key: id, at }];
    const { record } = await store.cases.open({
      ...{ id, key: id, state: 'unmatched', openedAt: at, updatedAt: at, reports, count: 1, generation: 0 },
      ...more,
    });
    return record;
  };
  return { store, clock, said, rollUps, rollUpsBy, open, death };
}

it('lets as many new cases of a kind have a card as the policy says, and a case keep what it took', async () => {
  const { rollUps, open, clock } = start();
  const cases = await Promise.all([open(), open(), open()]);
  const may: boolean[] = [];
  for (const kase of [...cases, ...cases]) may.push(await rollUps.hasCard(kase));
  expect(may).toEqual([true, true, false, true, true, false]);
  expect(await rollUps.hasCard(await open({ token, state: 'asking' }))).toBe(true);
  clock.ms += 1;
  expect(await rollUps.hasCard(await open({ message: { channel: 'C0SECURITY1', ts: '1' } }))).toBe(true);
});

it('never lets a flood of strangers hold up what is proved or reported by a person', async () => {
  const { rollUps, open } = start();
  for (let nth = 0; nth < 20; nth += 1) await rollUps.hasCard(await open());
  const reporter = { teamId: 'T0SANDBOX01', userId: 'U0OPERATOR1' };
  const byHand = { source: 'slack', key: 'k', at: new Date(START).toISOString(), reporter };
  expect(await rollUps.hasCard(await open({ token, grade: 'proved', state: 'dead' }))).toBe(true);
  expect(await rollUps.hasCard(await open({ reports: [byHand] }))).toBe(true);
  expect(await rollUps.hasCard(await open())).toBe(false);
});

it('tells many unmatched findings of one report together from the start, and no token of ours', async () => {
  const { rollUps, open } = start();
  const one = { source: 'generic', key: 'k', at: new Date(START).toISOString(), among: 60 };
  expect(await rollUps.hasCard(await open({ reports: [one] }))).toBe(false);
  expect(await rollUps.hasCard(await open({ reports: [{ ...one, among: 2 }] }))).toBe(true);
  expect(await rollUps.hasCard(await open({ reports: [one], token, state: 'asking' }))).toBe(true);
});

it('tells a thousand cases by one message in a few edits, the most urgent first, and later changes too', async () => {
  const { rollUps, open, said, store } = start();
  const cases = await Promise.all(Array.from({ length: 900 }, () => open()));
  const known = await open({ token, state: 'asking' });
  await Promise.all([...cases, known].map((kase) => rollUps.tell(kase)));
  expect(said.length).toBeLessThanOrEqual(3);
  expect(said.at(-1)?.cases).toHaveLength(901);
  expect(said.at(-1)?.cases[0]?.id).toBe(known.id);
  const before = said.length;
  await store.cases.change(known.id, (kase) => ({ ...kase, state: 'dead' }));
  await rollUps.tell((await store.cases.get(known.id)) as Case);
  expect(said).toHaveLength(before + 1);
  expect(said.at(-1)).toMatchObject({ isCut: false, message: { ts: 'the-one' } });
  expect(said.at(-1)?.cases.find(({ id }) => id === known.id)?.state).toBe('dead');
});

it('brings up to date what it has told, also when a thousand newer cases have come since', async () => {
  const { rollUps, open, said, clock, store } = start();
  const { id } = await open({ state: 'received' });
  await rollUps.tell((await store.cases.get(id)) as Case);
  clock.ms += 11 * 60_000;
  for (let more = 0; more < 1000; more += 1) await open();
  await store.cases.change(id, (kase) => ({ ...kase, state: 'unmatched' }));
  const ended = (await store.cases.get(id)) as Case;
  await rollUps.tell(ended);
  expect(said.at(-1)?.cases).toMatchObject([{ id, state: 'unmatched' }]);
  expect(await rollUps.isBehind(ended)).toBe(false);
});

it('tells a case whose process died before it was told, when a thousand newer cases have come since', async () => {
  const { rollUps, open, said, clock } = start();
  const kase = await open({ rollUp: String(Math.floor(START / 600_000)) });
  clock.ms += 60_000;
  for (let more = 0; more < 1000; more += 1) await open();
  await rollUps.tell(kase);
  expect(said.at(-1)?.cases).toMatchObject([{ id: kase.id }]);
});

it('draws what a job that died had left, when that job comes back', async () => {
  const { rollUps, open, said, store } = start();
  const kase = await open();
  // Its first attempt claimed the beat and died.
  await store.notes.claim(`roll-up:${Math.floor(START / 600_000)}:${Math.floor(START / 5000)}`, 60, { by: kase.id });
  await rollUps.tell(kase);
  expect(said.at(-1)?.cases).toHaveLength(1);
});

it.each([1000, 6000, 26_000, 90_000])(
  'tells a case that comes when another one, by a clock that is %i ms ahead, has drawn its time',
  async (aheadMs) => {
    const { rollUps, rollUpsBy, open, said, clock } = start();
    for (let more = 0; more < 30; more += 1) {
      await rollUpsBy(aheadMs).tell(await open());
      const before = clock.ms;
      await rollUps.tell(await open());
      expect(clock.ms - before).toBeLessThanOrEqual(8000);
      expect(said.at(-1)?.cases).toHaveLength(2 * more + 2);
    }
  },
);

it('draws a case again that is as it was shown before, where another one has drawn it as it was in between', async () => {
  const { rollUps, open, said, store, clock } = start();
  const show = createShowCase({
    ...CARD_ALONE,
    ...{ store, rollUps: { ...rollUps, hasCard: async () => false }, now: () => new Date(clock.ms) },
    announce: async () => undefined,
  });
  const [kase, other] = [await open(), await open()];
  const become = (state: Case['state']) => store.cases.change(kase.id, (current) => ({ ...current, state }));
  const told = () => said.at(-1)?.cases.find(({ id }) => id === kase.id)?.state;
  await show(kase.id);
  expect(told()).toBe('unmatched');
  // It is searched again, which fails; nobody shows that before the other one is told.
  await become('unsearched');
  clock.ms += 60_000;
  await show(other.id);
  expect(told()).toBe('unsearched');
  await become('unmatched');
  clock.ms += 60_000;
  await show(kase.id);
  expect(told()).toBe('unmatched');
  const drawn = said.length;
  await show(kase.id);
  expect(said).toHaveLength(drawn);
});

/** A channel in which cases have a card of their own from some time on. */
function withCards({ store, clock, rollUps }: ReturnType<typeof start>) {
  const cards = { allowed: false, drawn: [] as string[] };
  const hasCard = async (kase: Case) => kase.message !== undefined || cards.allowed;
  const show = createShowCase({
    ...CARD_ALONE,
    ...{ store, rollUps: { ...rollUps, hasCard }, now: () => new Date(clock.ms) },
    announce: async (kase) => {
      cards.drawn.push(`${kase.id} ${kase.state}`);
      return kase.message ?? { channel: 'C0SECURITY1', ts: `card of ${kase.id}` };
    },
  });
  return { cards, show };
}

it('draws a case that got its card late, and whose card tells another case since, as going on in that one', async () => {
  const room = start();
  const { open, said, store, clock } = room;
  const { cards, show } = withCards(room);
  const kase = await open({ state: 'unsearched' });
  const told = () => said.at(-1)?.cases.find(({ id }) => id === kase.id)?.state;
  await show(kase.id);
  // A person reports it too: it has a card from now on.
  cards.allowed = true;
  clock.ms += 60_000;
  await store.cases.change(kase.id, (current) => ({ ...current, count: 2 }));
  await show(kase.id);
  expect([told(), cards.drawn]).toEqual(['unsearched', [`${kase.id} unsearched`]]);
  // Its token is found: it goes on in that one's case, which takes the card before anybody shows the earlier one.
  const into = await open({ token, state: 'asking', mergedFrom: [kase.id] });
  await store.cases.change(kase.id, (current) => ({ ...current, state: 'dismissed', mergedInto: into.id }));
  clock.ms += 60_000;
  await show(into.id);
  await show(kase.id);
  expect(told()).toBe('dismissed');
  expect(cards.drawn.at(-1)).toBe(`${into.id} asking`);
  const before = said.length;
  await show(kase.id);
  expect(said).toHaveLength(before);
});

it('draws a case with a card again, too, where another one has drawn it as it was in between', async () => {
  const room = start();
  const { open, said, store, clock } = room;
  const { cards, show } = withCards(room);
  const [kase, other] = [await open(), await open()];
  const become = (state: Case['state']) => store.cases.change(kase.id, (current) => ({ ...current, state }));
  const told = () => said.at(-1)?.cases.find(({ id }) => id === kase.id)?.state;
  await show(kase.id);
  cards.allowed = true;
  clock.ms += 60_000;
  await store.cases.change(kase.id, (current) => ({ ...current, count: 2 }));
  await show(kase.id);
  cards.allowed = false;
  await become('unsearched');
  clock.ms += 60_000;
  await show(other.id);
  expect(told()).toBe('unsearched');
  await become('unmatched');
  clock.ms += 60_000;
  await show(kase.id);
  expect(told()).toBe('unmatched');
});

it('draws a case again that a process has drawn, as it was for a moment, and died', async () => {
  const { open, said, store, clock, rollUps, death } = start();
  const kase = await open();
  const become = async (state: Case['state']) => {
    clock.ms += 60_000;
    return (await store.cases.change(kase.id, (current) => ({ ...current, state })))?.record ?? expect.fail('no case');
  };
  await rollUps.tell(kase);
  death.follows = true;
  await expect(rollUps.tell(await become('unsearched'))).rejects.toThrow('dies');
  Object.assign(death, { is: false, follows: false });
  const now = await become('unmatched');
  expect(said.at(-1)?.cases[0]?.state).toBe('unsearched');
  expect(await rollUps.isBehind(now)).toBe(true);
  await rollUps.tell(now);
  expect([said.at(-1)?.cases[0]?.state, await rollUps.isBehind(now)]).toEqual(['unmatched', false]);
});

it('is behind with a case where it was posted and nobody has heard so', async () => {
  const { open, said, store, rollUps, death } = start();
  const kase = await open();
  const now = async () => (await store.cases.get(kase.id)) ?? expect.fail('no case');
  death.follows = true;
  await expect(rollUps.tell(kase)).rejects.toThrow('dies');
  Object.assign(death, { is: false, follows: false });
  expect(await rollUps.isBehind(await now())).toBe(false);
  await store.notes.put(postingNote(rollUpKey(said.at(-1)?.id ?? '')), 'begun', 60);
  expect(await rollUps.isBehind(await now())).toBe(true);
  await rollUps.tell(await now());
  expect(await rollUps.isBehind(await now())).toBe(false);
});
