import { defineConfig } from 'vitest/config';

// .ci/run asks for machine-readable results beside the readable ones; each run writes a file of its own.
const reports = process.env['TEST_REPORTS'];

export default defineConfig({
  test: {
    reporters:
      reports === undefined
        ? ['default']
        : ['default', ['json', { outputFile: `${reports}/${String(process.pid)}.json` }]],
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/{unit,contract,integration}/**/*.test.ts'], testTimeout: 15_000 },
      },
      {
        extends: true,
        test: {
          name: 'sandbox',
          include: ['test/sandbox/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 90_000,
          // Sandboxes mostly wait: two at a time fit two cores.
          maxWorkers: 2,
        },
      },
    ],
  },
});
