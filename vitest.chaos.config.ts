import { defineConfig } from 'vitest/config';

/** For `npm run test:chaos`: the real zips on their bad day. What these tests wait for comes, only not at once. */
export default defineConfig({
  test: { include: ['test/chaos/**/*.test.ts'], maxWorkers: 1, testTimeout: 90_000, hookTimeout: 90_000 },
});
