import { expect, it } from 'vitest';
import { atWorkKey } from '#shared/cases/case-keys.ts';
import { giveUpCase } from '#shared/cases/give-up-case.ts';
import type { Case, CaseTrouble } from '#shared/store/store.ts';
import { addToken, createRoom, NOW, openCase } from '#test/support/room.ts';

const LATER = new Date(NOW.getTime() + 11 * 60_000);
const retrying: CaseTrouble = { kind: 'failed', fault: 'provider_unavailable', next: 'retrying', attempt: 3 };

async function givenUp(more: Partial<Case>, now = LATER) {
  const room = createRoom();
  const planned: string[] = [];
  await openCase(room, addToken(room, 'a'), { id: 'C-1', ...more });
  if ('token' in more) await room.store.cases.change('C-1', ({ token: _, ...kase }) => kase);
  const planSearch = async ({ id }: Case) => void planned.push(id);
  const deps = { store: room.store, now: () => now, planSearch };
  await giveUpCase(deps, 'C-1');
  const kase = (await room.store.cases.get('C-1')) as Case;
  const again = async () => {
    await giveUpCase(deps, 'C-1');
    return (await room.store.cases.get('C-1'))?.version;
  };
  return { kase, planned, again };
}

it('says of a try that is promised that it was given up; once', async () => {
  const { kase, again } = await givenUp({ state: 'not_revoked', troubles: [retrying] });
  expect(kase.state).toBe('not_revoked');
  expect(kase.troubles).toEqual([{ ...retrying, next: 'given_up' }]);
  expect(await again()).toBe(kase.version);
});

it('says of a kill that is read back no more that it was given up', async () => {
  const read = 'active' as const;
  const troubles: CaseTrouble[] = [{ kind: 'unconfirmed', read, again: { next: 'retrying', attempt: 2 } }];
  const { kase } = await givenUp({ state: 'not_revoked', troubles });
  expect(kase.troubles).toEqual([{ kind: 'unconfirmed', read, again: { next: 'given_up', attempt: 2 } }]);
});

it.each(['received', 'acting'] as const)(
  'ends a case that is still %s: its process died without a word',
  async (state) => {
    const { kase, planned } = await givenUp({ state });
    expect(kase.state).toBe('not_revoked');
    expect(kase.troubles).toEqual([{ kind: 'failed', fault: 'internal_error', next: 'given_up', attempt: 0 }]);
    expect(planned).toEqual(['C-1']);
  },
);

it('plans what an attempt that died had said and not planned, once', async () => {
  const troubles: CaseTrouble[] = [{ ...retrying, next: 'given_up' }];
  expect((await givenUp({ state: 'not_revoked', troubles }, NOW)).planned).toEqual(['C-1']);
  const search = { tries: 1, at: LATER.toISOString() };
  expect((await givenUp({ state: 'not_revoked', troubles, search }, NOW)).planned).toEqual([]);
});

it('has a case searched again by itself whose token is not known', async () => {
  const { kase, planned } = await givenUp({ state: 'received', token: undefined } as unknown as Partial<Case>);
  expect([kase.state, planned]).toEqual(['unsearched', ['C-1']]);
});

it('ends a kill that nobody is at work on, however lately it was begun', async () => {
  expect((await givenUp({ state: 'acting' }, NOW)).kase).toMatchObject({ state: 'not_revoked' });
});

it('leaves a kill to whoever is at work on it', async () => {
  const room = createRoom();
  await openCase(room, addToken(room, 'a'), { id: 'C-1', state: 'acting' });
  const deps = { store: room.store, now: () => LATER, planSearch: async () => {} };
  const state = async () => (await room.store.cases.get('C-1'))?.state;
  await room.store.hold(atWorkKey('C-1'), async () => {
    await giveUpCase(deps, 'C-1');
    expect(await state()).toBe('acting');
  });
  await giveUpCase(deps, 'C-1');
  expect(await state()).toBe('not_revoked');
});

it('leaves a case alone that somebody may be at work on, and one that promises nothing', async () => {
  expect((await givenUp({ state: 'received' }, NOW)).kase.state).toBe('received');
  expect((await givenUp({ state: 'not_revoked', troubles: [retrying] }, NOW)).kase.troubles).toEqual([retrying]);
  expect((await givenUp({ state: 'asking' })).kase.state).toBe('asking');
  expect((await givenUp({ state: 'dead', troubles: [{ ...retrying, next: 'final' }] })).kase.state).toBe('dead');
});
