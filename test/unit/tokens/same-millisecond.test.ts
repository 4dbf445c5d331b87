import { expect, it } from 'vitest';
import { takeOrder } from '#shared/tokens/take-order.ts';
import { addToken, createRoom, PEOPLE } from '#test/support/room.ts';

it('two requests of one person in the same millisecond are two lines of the record, and a replay is none', async () => {
  const room = createRoom();
  const token = addToken(room, 'a');
  const first = await room.context(PEOPLE.admin);
  const order = { verb: 'deactivate', tokens: ['a'], keepGoing: false, ask: 'never' } as const;
  const ask = (request: string) => takeOrder({ ...first, attempt: { ...first.attempt, request } }, order);
  await ask('one press');
  await ask('one press');
  // Somebody has brought it back elsewhere meanwhile.
  room.tokens.set('a', token);
  const second = await room.context(PEOPLE.admin);
  const { requestedAt } = first.attempt;
  await takeOrder({ ...second, attempt: { ...second.attempt, requestedAt, request: 'another press' } }, order);
  expect(room.store.entries.map(({ what, result }) => [what, result])).toEqual([
    ['deactivate', 'done'],
    ['deactivate', 'done'],
  ]);
});
