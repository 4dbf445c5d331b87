import { expect, it } from 'vitest';
import { keepProtected, newlyProtected } from '#shared/tokens/newly-protected.ts';
import { examineProfiles } from '#shared/tokens/commands/examine-profiles.ts';
import { createMemoryStore } from '#test/support/memory-store.ts';
import { addToken, createRoom, PEOPLE } from '#test/support/room.ts';

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

it('is told by the doctor among what a person may list, until the weekly report has told of it', async () => {
  const room = createRoom();
  addToken(room, 'to-lucky', { name: 'break-glass-lucky', profile: 'dfns-demo' });
  addToken(room, 'to-usual', { name: 'laptop', profile: 'dfns-demo' });
  const told = async () => {
    const outcome = await examineProfiles(room.services, (await room.context(PEOPLE.admin)).authority);
    return outcome.kind === 'profiles' ? outcome.newlyProtected?.map(({ id }) => id) : expect.fail(outcome.kind);
  };
  expect(await told()).toEqual(['to-lucky']);
  // Asking changes nothing.
  expect(await told()).toEqual(['to-lucky']);
  await keepProtected(room.store, [room.tokens.get('to-lucky')!]);
  expect(await told()).toBeUndefined();
});
