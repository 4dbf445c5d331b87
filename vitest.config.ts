import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { tellProgress } from './test/support/tell-progress.ts';

// .ci/run asks for machine-readable results beside the readable ones; each run writes a file of its own.
const reports = process.env['TEST_REPORTS'];
const json: ['json', { outputFile: string }][] =
  reports === undefined ? [] : [['json', { outputFile: `${reports}/${String(process.pid)}.json` }]];

/**
 * The tests of one kind, which is one folder. What each kind may do is told in CONTRIBUTING.md. A worker loads a module once
 * for all its files: none is mocked, and to load them anew was most of the time of many.
 */
const kind = (name: string, more: object = {}) => ({
  extends: true as const,
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout: 15_000, isolate: false, ...more },
});

/** For tests that start whole sandboxes: what they wait for comes, only not at once. */
const PATIENT = {
  testTimeout: 60_000,
  hookTimeout: 90_000,
  expect: { poll: { timeout: 20_000 } },
  globalSetup: 'test/support/build-once.ts',
  maxWorkers: 5,
  sequence: { groupOrder: 1 },
};

/**
 * Files that are long to run, in the order in which they begin: begun late, they would be all that is left at the end. Those
 * that keep a processor busy stand beside such as wait.
 */
const LONG = [
  'page-axe',
  'slack-kill',
  'card-states',
  'owner-countdown',
  'rig-interface',
  'page',
  'disguises',
  'slack-surface',
  'limits',
  'demo',
  'slack-approval',
  'dead-letters',
  'alerts-once',
  'alerts-matching',
  'alerts-storm',
  'deploy',
  'scripts',
  'change-tokens',
].map((name) => `/${name}.test.ts`);

const placeOf = ({ moduleId }: TestSpecification): number => {
  const place = LONG.findIndex((end) => moduleId.endsWith(end));
  return place < 0 ? LONG.length : place;
};

class LongOnesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((one, other) => placeOf(one) - placeOf(other));
  }
}

export default defineConfig({
  test: {
    maxWorkers: 2,
    sequence: { sequencer: LongOnesFirst },
    // What a test starts may itself be concurrent: no more of it at a time than there are cores.
    maxConcurrency: 2,
    // The scripts that tests start again and again are compiled once: half of the processor time of their start.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/node-compile') },
    // `npm run coverage`: of the unit kind alone, since the others run the code in processes of their own.
    coverage: {
      include: ['functions/**', 'shared/**'],
      reporter: ['text-summary', 'html'],
      reportOnFailure: true,
      thresholds: { statements: 50, branches: 50, functions: 50, lines: 50 },
    },
    reporters: [
      'default',
      // A terminal is redrawn; a log is not.
      ...(process.stdout.isTTY ? [] : [tellProgress()]),
      ...json,
    ],
    projects: [
      kind('unit', { setupFiles: ['test/support/no-outside.ts'] }),
      kind('contract'),
      kind('integration'),
      // Sandboxes mostly wait: five at a time fit two cores. They come last, alone.
      kind('sandbox', PATIENT),
      kind('attacks', PATIENT),
    ],
  },
});
