import { defineConfig } from 'vitest/config';
import { tellProgress } from './test/support/tell-progress.ts';

/**
 * For `npm run test:chaos`: the real zips on their bad day, every function and neighbour of them. `CHAOS=half` plays every other
 * row. A row mostly waits (for a lease to lapse, for a pause), so that six files fit two cores.
 */
export default defineConfig({
  test: {
    include: ['test/chaos/**/*.test.ts'],
    maxWorkers: 6,
    testTimeout: 600_000,
    hookTimeout: 180_000,
    reporters: ['default', ...(process.stdout.isTTY ? [] : [tellProgress()])],
  },
});
