import { describe, expect, it } from 'vitest';
import { isSpent, tellStop } from '#shared/alerts/tell-stop.ts';
import { atWorkKey } from '#shared/cases/case-keys.ts';
import { Fault } from '#shared/core/fault.ts';
import type { Case } from '#shared/store/store.ts';
import { addToken, createRoom, NOW, openCase } from '#test/support/room.ts';

const LAST = { attempt: 4, isLast: true, timeLeftMs: () => 60_000 };
const unwritten = new Fault('store_unavailable', 'table update: throttled');

async function stopped(state: Case['state']) {
  const room = createRoom();
  await openCase(room, addToken(room, 'a'), { id: 'C-1', state });
  const done: string[] = [];
  const deps = {
    store: room.store,
    now: () => NOW,
    planSearch: async () => void done.push('search planned'),
    planLook: async () => {},
    show: async () => void done.push('shown'),
  };
  const stop = (error: unknown, more: { readonly delivery?: typeof LAST; readonly isTelling?: boolean } = {}) =>
    tellStop(deps, 'C-1', { error, delivery: LAST, ...more });
  const kase = async () => (await room.store.cases.get('C-1')) as Case;
  return { room, done, stop, kase };
}

describe('the last delivery of a report, stopped before its case was decided or killed', () => {
  it.each(['received', 'acting'] as const)('ends a case that is %s, and plans its kill', async (state) => {
    const { done, stop, kase } = await stopped(state);
    expect(await stop(unwritten)).toBeUndefined();
    const trouble = { kind: 'failed', fault: 'store_unavailable', next: 'given_up', attempt: 4 };
    expect(await kase()).toMatchObject({ state: 'not_revoked', troubles: [trouble] });
    // Nobody but Patrol itself has failed here.
    expect((await kase()).troubles?.[0]).not.toHaveProperty('whose');
    expect(done).toEqual(['search planned', 'shown']);
  });

  it('says whose fault it was where that is a profile’s', async () => {
    const { stop, kase } = await stopped('received');
    await stop(new Fault('provider_unavailable', 'no answer', { status: 502 }));
    expect((await kase()).troubles).toMatchObject([
      { fault: 'provider_unavailable', whose: 'langsmith-demo', status: 502 },
    ]);
  });

  it('ends it by a defect of ours too', async () => {
    const { done, stop, kase } = await stopped('received');
    await stop(new TypeError('a defect'));
    const trouble = { kind: 'failed', fault: 'internal_error', next: 'given_up', attempt: 4 };
    expect(await kase()).toMatchObject({ state: 'not_revoked', troubles: [trouble] });
    expect(done).toEqual(['search planned', 'shown']);
  });

  it('leaves it to whoever is at work on it', async () => {
    const { room, stop, kase } = await stopped('received');
    await room.store.hold(atWorkKey('C-1'), async () => stop(unwritten));
    expect((await kase()).state).toBe('received');
  });

  it('leaves what is decided', async () => {
    const { stop, kase } = await stopped('asking');
    await stop(unwritten);
    expect((await kase()).state).toBe('asking');
  });
});

it('a delivery that is not the last ends nothing that is tried again, and shows it', async () => {
  const { done, stop, kase } = await stopped('received');
  expect(isSpent(unwritten)).toBe(false);
  await stop(unwritten, { delivery: { ...LAST, isLast: false } });
  expect((await kase()).state).toBe('received');
  expect(done).toEqual(['shown']);
});

it('where the work had come to its end and the telling was stopped, nothing of the case is changed', async () => {
  const { stop, kase } = await stopped('received');
  await stop(unwritten, { isTelling: true });
  expect((await kase()).state).toBe('received');
});
