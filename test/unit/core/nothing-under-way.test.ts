import { describe, expect, it } from 'vitest';
import { findRevived } from '#shared/cases/find-revived.ts';
import { Fault } from '#shared/core/fault.ts';
import { onHome } from '#shared/slack/listeners/on-home.ts';
import { examineProfiles } from '#shared/tokens/commands/examine-profiles.ts';
import type { Services } from '#shared/tokens/services.ts';
import { addToken, createRoom, PEOPLE } from '#test/support/room.ts';

const isDown = async (): Promise<never> => {
  throw new Fault('store_unavailable', 'table get: ProvisionedThroughputExceededException');
};

/** Something that is under way until it is let go on. */
function createSlow() {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let isUnderWay = false;
  const slowly = async <T>(work: () => Promise<T>): Promise<T> => {
    isUnderWay = true;
    await promise;
    isUnderWay = false;
    return work();
  };
  return { slowly, goOn: () => resolve(undefined), isUnderWay: () => isUnderWay };
}

/** A room whose providers list slowly. */
function setUp() {
  const room = createRoom();
  const slow = createSlow();
  const open: Services['providers']['open'] = async (profile) => {
    const provider = await room.services.providers.open(profile);
    return { ...provider, list: () => slow.slowly(provider.list), check: () => slow.slowly(provider.check) };
  };
  const { store } = room.services;
  return { room, slow, store, services: { ...room.services, providers: { ...room.services.providers, open } } };
}

/** Holds that what fails at once ends only when all that was begun beside it has ended. */
async function expectToWait(work: Promise<unknown>, slow: ReturnType<typeof createSlow>): Promise<void> {
  let isOver = false;
  const ended = work
    .catch((error: unknown) => error)
    .finally(() => {
      isOver = true;
    });
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
  expect({ isOver, isUnderWay: slow.isUnderWay() }).toEqual({ isOver: false, isUnderWay: true });
  slow.goOn();
  expect(await ended).toMatchObject({ code: 'store_unavailable' });
  expect(slow.isUnderWay()).toBe(false);
}

describe('a request that fails, and is given back to its queue, leaves nothing of it under way:', () => {
  it('the home page, where the table does not tell the cases', async () => {
    const { slow, store, services } = setUp();
    const cases = { ...store.cases, list: isDown };
    const noReply = { publishHome: async () => expect.fail('nothing is to be shown') } as never;
    const asked = { actor: PEOPLE.admin } as Parameters<typeof onHome>[2];
    await expectToWait(onHome({ ...services, store: { ...store, cases } }, noReply, asked), slow);
  });

  it('the doctor, where the table does not tell which protected tokens are known', async () => {
    const { room, slow, store, services } = setUp();
    addToken(room, 'to-lucky', { name: 'break-glass-lucky', profile: 'dfns-demo' });
    const { authority } = await room.context(PEOPLE.admin);
    const notes = { ...store.notes, get: isDown };
    // Its listing is there at once; what a profile may do is not.
    const open: Services['providers']['open'] = async (profile) => ({
      ...(await services.providers.open(profile)),
      list: (await room.services.providers.open(profile)).list,
    });
    const down = { ...services, store: { ...store, notes }, providers: { ...services.providers, open } };
    await expectToWait(examineProfiles(down, authority), slow);
  });

  it('the weekly look for what lives again, where the table does not tell one of two cases', async () => {
    const { room, slow, store, services } = setUp();
    const tokens = [addToken(room, 'a'), addToken(room, 'b')];
    let asked = 0;
    const get: typeof store.cases.get = (id) =>
      (asked += 1) === 1 ? isDown() : slow.slowly(() => store.cases.get(id));
    await expectToWait(findRevived({ ...services, store: { ...store, cases: { ...store.cases, get } } }, tokens), slow);
  });
});
