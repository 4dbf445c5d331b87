import { expect, it } from 'vitest';
import { settle } from '#shared/cases/settle.ts';
import { caseId, tokenKey } from '#shared/store/case-id.ts';
import type { Actor, Mutation } from '#shared/core/vocabulary.ts';
import { changeToken } from '#shared/tokens/change-token.ts';
import { addToken, createRoom, NOW, openCase, PEOPLE } from '#test/support/room.ts';

it.each([
  ['behind', -90_000],
  ['ahead', 90_000],
])('a kill is undone and made again, also where the clock of whoever undoes it is %s', async (_, offMs) => {
  const room = createRoom();
  const token = addToken(room, 'a');
  const id = caseId(tokenKey(token));
  await openCase(room, token, { id, state: 'acting', generation: 0 });
  let seconds = 0;
  const change = async (verb: Mutation, who: Actor, clockIsOffBy: number) => {
    seconds += 1;
    const services = { ...room.services, now: () => new Date(NOW.getTime() + seconds * 1000 + clockIsOffBy) };
    const { attempt } = await room.context(who);
    const ref = { profile: token.profile, id: token.id, name: token.name };
    const order = {
      ...{ verb, tokens: [ref], requester: who },
      ...{ requestedAt: services.now().toISOString(), keepGoing: false },
    };
    const made = await changeToken(services, attempt, { order, warrant: { rule: 'r', approvedBy: [] }, ref });
    await settle(services, made);
    return (await room.store.cases.get(id))?.state;
  };
  expect(await change('deactivate', PEOPLE.operator, 0)).toBe('dead');
  expect(await change('activate', PEOPLE.admin, offMs)).toBe('restored');
  expect(await change('deactivate', PEOPLE.operator, 0)).toBe('dead');
  const proofs = room.store.entries.map(({ receipt }) => receipt?.confirmedAt ?? '');
  expect(proofs).toEqual(proofs.toSorted());
  expect(new Set(proofs).size).toBe(3);
});
