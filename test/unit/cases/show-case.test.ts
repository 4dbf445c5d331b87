import { expect, it } from 'vitest';
import { createShowCase } from '#shared/cases/show-case.ts';
import { Fault } from '#shared/core/fault.ts';
import { createMemoryStore } from '#test/support/memory-store.ts';

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
    note: async () => {},
    announceHeld: async () => undefined,
    tellOwner: async () => false,
  });
  await show(record.id);
  await show(record.id);
  expect([posts, (await store.cases.get(record.id))?.message?.ts]).toEqual([1, 'ts-1']);
});
