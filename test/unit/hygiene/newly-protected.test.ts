import { expect, it } from 'vitest';
import { keepProtected, newlyProtected } from '#shared/hygiene/newly-protected.ts';
import { createMemoryStore } from '#test/support/memory-store.ts';
import { addToken, createRoom } from '#test/support/room.ts';

it('tells of each protected token once, all of them the first time', async () => {
  const store = createMemoryStore();
  const room = createRoom();
  const [a, b, c] = ['a', 'b', 'c'].map((id) => addToken(room, id));
  const tokens = [a!, b!];
  const first = await newlyProtected(store, tokens);
  expect(first).toEqual(tokens);
  // Nobody was told: it is as new as before.
  expect(await newlyProtected(store, tokens)).toEqual(tokens);
  await keepProtected(store, first);
  expect(await newlyProtected(store, [...tokens, c!])).toEqual([c]);
  // Not seen for a while, and seen again: known.
  await keepProtected(store, [c!]);
  expect(await newlyProtected(store, tokens)).toEqual([]);
});
