import { expect, it } from 'vitest';
import { createShowHeld, type HeldCases, readHeld, releaseHeldCard } from '#shared/cases/held-cases.ts';
import { addToken, createRoom, openCase } from '#test/support/room.ts';

it('asks anew about what the brake still holds back when its card has become the answer to a press', async () => {
  const room = createRoom();
  const token = addToken(room, 'a');
  const decision = { action: 'ask', rule: 'floor:brake' } as const;
  const kase = await openCase(room, token, { id: 'C-AAAAAAAAAAAAAAAA', decision });
  const announced: HeldCases[] = [];
  const show = createShowHeld({
    store: room.store,
    announceHeld: async (_, cases) => {
      announced.push(cases);
      return cases.message ?? { channel: 'C1', ts: `ts-${announced.length}` };
    },
  });
  await show(kase);
  await show(kase);
  expect(announced).toHaveLength(1);
  const { message } = await readHeld(room.store, token.profile);
  await releaseHeldCard(room.store, token.profile, message);
  await show(kase);
  expect(announced.map(({ released }) => released)).toEqual([undefined, 1]);
  expect(await readHeld(room.store, token.profile)).toMatchObject({
    held: [{ caseId: kase.id }],
    message: { ts: 'ts-2' },
  });
});
