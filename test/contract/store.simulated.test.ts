import { every } from '#functions/runtime/every.ts';
import { createDynamoStore } from '#shared/store/dynamo/dynamo-store.ts';
import { LEASE } from '#shared/store/dynamo/lease.ts';
import { createTable } from '#test/sim/table.ts';
import type { World } from '#test/sim/world.ts';
import { describeKept } from './kept-suite.ts';
import { describeStore } from './store-suite.ts';

/** The store on the table of the simulation in fair weather: what the simulation believes of DynamoDB, DynamoDB does. */
const start = async () => {
  let time = Date.parse('2026-03-01T10:00:00.000Z');
  let ids = 0;
  const fair = {
    chance: { draw: () => 0 },
    now: () => time,
    occur: () => undefined,
    turn: () => undefined,
    effect: async <T>({ work }: { readonly work: () => T }) => {
      await new Promise(setImmediate);
      return work();
    },
  };
  const advance = (milliseconds: number) => {
    time += milliseconds;
  };
  const rim = {
    client: createTable(fair as unknown as World, () => undefined).client,
    table: 'patrol',
    now: () => new Date(time),
    sleep: async (milliseconds: number) => {
      const until = time + milliseconds;
      await new Promise(setImmediate);
      time = Math.max(time, until);
    },
    newId: () => `id-${(ids += 1)}`,
    every,
  };
  const store = createDynamoStore(rim);
  const stalled = createDynamoStore({ ...rim, lease: { ...LEASE, renewEveryMs: 3_600_000 } });
  return { store, stalled, now: rim.now, advance, close: async () => undefined };
};

describeStore('The simulated table', start);
describeKept('The simulated table', start);
