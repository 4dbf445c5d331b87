import { expect, it } from 'vitest';
import { createShowHeld, type HeldCases, readHeld, releaseHeldCard } from '#shared/cases/held-cases.ts';
import { Fault } from '#shared/core/fault.ts';
import { addToken, createRoom, NOW, openCase } from '#test/support/room.ts';

const BRAKED = { action: 'ask', rule: 'floor:brake' } as const;

it('asks anew about what the brake still holds back when its card has become the answer to a press', async () => {
  const room = createRoom();
  const token = addToken(room, 'a');
  const kase = await openCase(room, token, { id: 'C-AAAAAAAAAAAAAAAA', decision: BRAKED });
  const announced: HeldCases[] = [];
  const show = createShowHeld({
    store: room.store,
    now: () => NOW,
    announceHeld: async (_, cases) => {
      announced.push(cases);
      return cases.message ?? { channel: 'C1', ts: `ts-${announced.length}` };
    },
  });
  await show(kase);
  await show(kase);
  expect(announced).toHaveLength(1);
  const { message } = await readHeld(room.store, token.profile);
  await releaseHeldCard(room.services, token.profile, message);
  await show(kase);
  expect(announced.map(({ released }) => released)).toEqual([undefined, 1]);
  expect(await readHeld(room.store, token.profile)).toMatchObject({
    held: [{ caseId: kase.id }],
    message: { ts: 'ts-2' },
  });
});

it('lets go of its card only when no edit of it can come any more, over what the message tells then', async () => {
  const room = createRoom();
  const kase = await openCase(room, addToken(room, 'a'), { id: 'C-AAAAAAAAAAAAAAAA', decision: BRAKED });
  const other = await openCase(room, addToken(room, 'b'), { id: 'C-BBBBBBBBBBBBBBBB', decision: BRAKED });
  const profile = 'langsmith-demo';
  const message = { channel: 'C1', ts: 'ts-1' };
  let isLost = false;
  const show = createShowHeld({
    store: room.store,
    now: () => NOW,
    announceHeld: async () => {
      if (isLost) throw new Fault('slack_unavailable', 'no answer');
      return message;
    },
  });
  await show(kase);
  isLost = true;
  await expect(show(other)).rejects.toThrow('no answer');
  const waits: number[] = [];
  const sleep = async (milliseconds: number) => void waits.push(milliseconds);
  await releaseHeldCard({ store: room.store, now: () => new Date(NOW.getTime() + 6000), sleep }, profile, message);
  expect(waits).toEqual([9000]);
  // What the card may have told is held back all the same, and asked about anew.
  expect(await readHeld(room.store, profile)).toMatchObject({ decided: 0, last: 2, released: 1 });
  expect(await readHeld(room.store, profile)).not.toHaveProperty('message');
});

it.each(['edits', 'posts'])(
  'leaves no card behind that asks about what was decided after a process died that %s it',
  async (how) => {
    const room = createRoom();
    const kase = await openCase(room, addToken(room, 'a'), { id: 'C-AAAAAAAAAAAAAAAA', decision: BRAKED });
    const other = await openCase(room, addToken(room, 'b'), { id: 'C-BBBBBBBBBBBBBBBB', decision: BRAKED });
    const said: HeldCases[] = [];
    let dies = false;
    const notes = {
      ...room.store.notes,
      put: (...note: Parameters<typeof room.store.notes.put>) =>
        dies ? Promise.reject(new Error('dies')) : room.store.notes.put(...note),
    };
    const show = createShowHeld({
      store: { ...room.store, notes },
      now: () => NOW,
      announceHeld: async (_, cases, begin) => {
        if (cases.held.length === 0 && said.length === 0) return undefined;
        await begin();
        said.push(cases);
        dies = cases.held.some(({ caseId }) => caseId === other.id);
        return { channel: 'C1', ts: 'the-one' };
      },
    });
    if (how === 'edits') await show(kase);
    await expect(show(other)).rejects.toThrow('dies');
    expect(said.at(-1)?.held.map(({ caseId }) => caseId)).toContain(other.id);
    dies = false;
    const { record } = (await room.store.cases.change(other.id, (one) => ({ ...one, state: 'dead' }))) ?? expect.fail();
    await show(record);
    expect(said.at(-1)?.held.map(({ caseId }) => caseId)).toEqual(how === 'edits' ? [kase.id] : []);
  },
);
