import { defineConfig } from 'vitest/config';

/** For `npm run mutate`: the quick tests that hold the mutated modules, so that each mutant costs seconds. */
export default defineConfig({
  test: {
    include: [
      'test/{unit,integration}/{core,slack,alerts,providers,policy,secrets,tokens}/**/*.test.ts',
      'test/contract/{sources,providers.vectors}.test.ts',
    ],
    testTimeout: 15_000,
  },
});
