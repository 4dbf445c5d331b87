import { expect, it } from 'vitest';
import type { Case } from '#shared/store/store.ts';
import { createShowCase } from '#shared/cases/show-case.ts';
import { Fault } from '#shared/core/fault.ts';
import { createMemoryStore } from '#test/support/memory-store.ts';
import { doAll } from '#test/support/memory-store.ts';
import { addToken, ALWAYS_A_CARD, CARD_ALONE, createRoom, NOW, openCase } from '#test/support/room.ts';

const AT = '2026-01-15T12:00:00.000Z';

it('posts one card although its address cannot be stored at first', async () => {
  const store = createMemoryStore();
  const { record } = await store.cases.open({
    id: 'C-AAAAAAAA',
    key: 'clue:one',
    state: 'received',
    openedAt: AT,
    updatedAt: AT,
    reports: [],
    count: 1,
    generation: 0,
  });
  let posts = 0;
  let failures = 2;
  const show = createShowCase({
    ...CARD_ALONE,
    rollUps: ALWAYS_A_CARD,
    store: {
      ...store,
      cases: {
        ...store.cases,
        change: (id, next) =>
          (failures -= 1) >= 0 ? Promise.reject(new Fault('store_unavailable', 'test')) : store.cases.change(id, next),
      },
    },
    now: () => new Date(AT),
    announce: async (kase) => kase.message ?? { channel: 'C1', ts: `ts-${(posts += 1)}` },
  });
  await show(record.id);
  await show(record.id);
  expect([posts, (await store.cases.get(record.id))?.message?.ts]).toEqual([1, 'ts-1']);
});

it('draws a card again whose edit did not come to its end, also when the case is as it was shown before', async () => {
  const store = createMemoryStore();
  const one = { id: 'C-AAAAAAAA', key: 'clue:one', openedAt: AT, updatedAt: AT, reports: [], count: 1, generation: 0 };
  await store.cases.open({ ...one, state: 'unmatched' });
  let said = '';
  let isLost = false;
  const show = createShowCase({
    ...CARD_ALONE,
    rollUps: ALWAYS_A_CARD,
    store,
    now: () => new Date(AT),
    announce: async (kase) => {
      said = kase.state;
      if (isLost) throw new Fault('slack_unavailable', 'test');
      return { channel: 'C1', ts: 'ts-1' };
    },
  });
  const set = (state: 'received' | 'unmatched') => store.cases.change(one.id, (kase) => ({ ...kase, state }));
  await show(one.id);
  await set('received');
  isLost = true;
  await expect(show(one.id)).rejects.toThrow('test');
  isLost = false;
  await set('unmatched');
  await show(one.id);
  expect(said).toBe('unmatched');
});

it('draws a card again when an edit cannot come any more that nobody has heard of, over whatever came of it late', async () => {
  const store = createMemoryStore();
  const one = { id: 'C-AAAAAAAA', key: 'clue:one', openedAt: AT, updatedAt: AT, reports: [], count: 1, generation: 0 };
  await store.cases.open({ ...one, state: 'unmatched' });
  let time = Date.parse(AT);
  let said = '';
  let edits = 0;
  let late: string | undefined;
  let isLost = false;
  const show = createShowCase({
    ...CARD_ALONE,
    rollUps: ALWAYS_A_CARD,
    store,
    now: () => new Date(time),
    announce: async (kase) => {
      if (isLost) {
        late = kase.state;
        throw new Fault('slack_unavailable', 'test');
      }
      edits += 1;
      said = kase.state;
      return { channel: 'C1', ts: 'ts-1' };
    },
  });
  const set = (state: 'received' | 'dead') => store.cases.change(one.id, (kase) => ({ ...kase, state }));
  await show(one.id);
  await set('received');
  isLost = true;
  await expect(show(one.id)).rejects.toThrow('test');
  isLost = false;
  time += 1000;
  await set('dead');
  // Somebody else is quicker than what is still on its way.
  await show(one.id);
  expect(said).toBe('dead');
  time += 5000;
  said = late ?? '';
  expect(said).toBe('received');
  time += 5000;
  await show(one.id);
  expect(said).toBe('dead');
  const before = edits;
  time += 60_000;
  await show(one.id);
  expect(edits).toBe(before);
});

/** A case whose kill the brake holds back, and a channel in which a process has posted its card before it died. */
async function lateHeld(isRolledUp: boolean) {
  const room = createRoom();
  const token = addToken(room, 'a');
  const { id } = await openCase(room, token, { id: 'C-AAAAAAAAAAAAAAAA', state: 'received' });
  const drawn: (string | undefined)[] = [];
  const slack = { dies: true };
  const together: string[] = [];
  const show = createShowCase({
    ...CARD_ALONE,
    rollUps: {
      hasCard: async (_, along = []) => {
        const may = !isRolledUp || slack.dies;
        if (may) doAll(along);
        return may;
      },
      tell: async (kase) => void together.push(kase.id),
      isBehind: async () => false,
    },
    store: room.store,
    now: () => NOW,
    announce: async (kase) => {
      if (slack.dies) throw new Fault('slack_unavailable', 'posted, and nobody has heard so');
      drawn.push(kase.message?.ts);
      return kase.message;
    },
    announceHeld: async () => ({ channel: 'C1', ts: 'together' }),
    findCard: async () => ({ channel: 'C1', ts: 'lost' }),
  });
  await show(id).catch(() => undefined);
  slack.dies = false;
  return { room, id, show, drawn, together };
}

it('draws a card that a process had posted and nobody knew of, though the case is asked about together with others', async () => {
  const { room, id, show, drawn } = await lateHeld(false);
  const decision = { action: 'ask', rule: 'floor:brake' } as const;
  await room.store.cases.change(id, (kase) => ({ ...kase, state: 'asking', decision }));
  await show(id);
  expect(drawn).toEqual(['lost']);
});

it('asks together with others about a case that the brake has held back since it was looked at', async () => {
  const room = createRoom();
  const token = addToken(room, 'a');
  const { id } = await openCase(room, token, { id: 'C-AAAAAAAAAAAAAAAA', state: 'received' });
  const decision = { action: 'ask', rule: 'floor:brake' } as const;
  const hold: typeof room.store.hold = async (...taking) => {
    await room.store.cases.change(id, (kase) => ({ ...kase, state: 'asking', decision }));
    return room.store.hold(...taking);
  };
  const cards: string[] = [];
  const together: string[] = [];
  const show = createShowCase({
    ...CARD_ALONE,
    rollUps: ALWAYS_A_CARD,
    store: { ...room.store, hold },
    now: () => NOW,
    announce: async (kase) => {
      cards.push(kase.id);
      return { channel: 'C1', ts: 'of its own' };
    },
    announceHeld: async (_, { held }) => {
      together.push(...held.map(({ caseId }) => caseId));
      return { channel: 'C1', ts: 'together' };
    },
  });
  await show(id);
  expect([cards, together]).toEqual([[], [id]]);
});

it('draws such a card also where the case is told together with all that came at once', async () => {
  const { room, id, show, drawn, together } = await lateHeld(true);
  await room.store.cases.change(id, (kase) => ({ ...kase, state: 'unmatched' }));
  await show(id);
  expect([drawn, together]).toEqual([['lost'], []]);
});

it('plans for the case that it shows, also where it was changed while the one before was planned for', async () => {
  const store = createMemoryStore();
  const one = { id: 'C-AAAAAAAA', key: 'clue:one', openedAt: AT, updatedAt: AT, reports: [], count: 1, generation: 0 };
  await store.cases.open({ ...one, state: 'asking' });
  const planned: string[] = [];
  const said: string[] = [];
  const show = createShowCase({
    ...CARD_ALONE,
    rollUps: ALWAYS_A_CARD,
    store,
    now: () => new Date(AT),
    plan: async ({ state }) => {
      planned.push(state);
      if (planned.length > 1) return undefined;
      // What is noted is written over whatever somebody else has made of the case meanwhile, and given back as it then is.
      await store.cases.change(one.id, (kase) => ({ ...kase, state: 'not_revoked' }));
      return (await store.cases.change(one.id, (kase) => ({ ...kase, need: { since: AT } })))?.record;
    },
    announce: async ({ state }) => {
      said.push(state);
      return { channel: 'C1', ts: 'ts-1' };
    },
  });
  await show(one.id);
  expect(planned).toEqual(['asking', 'not_revoked']);
  expect(said).toEqual(['not_revoked']);
});

it("brings its owner's message up to date where a process died that had told otherwise for a moment", async () => {
  const room = createRoom();
  const ownerMessage = { channel: 'D1', ts: 'ts-1' };
  const kase = await openCase(room, addToken(room, 'a'), { id: 'C-AAAAAAAAAAAAAAAA', ownerMessage, ownerToldAt: AT });
  const told: string[] = [];
  const death = { is: false, follows: false };
  const put: typeof room.store.notes.put = (...note) =>
    death.is ? Promise.reject(new Error('dies')) : room.store.notes.put(...note);
  const show = createShowCase({
    ...CARD_ALONE,
    rollUps: ALWAYS_A_CARD,
    store: { ...room.store, notes: { ...room.store.notes, put } },
    now: () => NOW,
    announce: async () => {
      if (death.is) throw new Error('dies');
      return { channel: 'C1', ts: 'ts-2' };
    },
    tellOwner: async ({ state }) => {
      told.push(state);
      death.is = death.follows;
      return ownerMessage;
    },
  });
  const become = (state: Case['state']) => room.store.cases.change(kase.id, (current) => ({ ...current, state }));
  await show(kase.id);
  await become('noted');
  death.follows = true;
  await expect(show(kase.id)).rejects.toThrow('dies');
  Object.assign(death, { is: false, follows: false });
  await become('asking');
  await show(kase.id);
  expect(told).toEqual(['asking', 'noted', 'asking']);
});
