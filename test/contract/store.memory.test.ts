import { createMemoryStore } from '#test/support/memory-store.ts';
import { describeKept } from './kept-suite.ts';

describeKept('The store in memory', async () => {
  let time = Date.parse('2026-03-01T10:00:00.000Z');
  const now = () => new Date(time);
  const advance = (milliseconds: number) => {
    time += milliseconds;
  };
  return { store: createMemoryStore(now), now, advance, close: async () => undefined };
});
