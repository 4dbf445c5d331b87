import { defineConfig } from 'vitest/config';
import { SUBJECTS } from './test/mutate/subjects.ts';

/** For `npm run mutate`: the quick tests that hold the subject which is mutated, so that each change costs a second. */
const subject = process.env['MUTATE_SUBJECT'] ?? '';

export default defineConfig({
  test: {
    include: [...(SUBJECTS[subject]?.tests ?? Object.values(SUBJECTS).flatMap(({ tests }) => tests))],
    testTimeout: 15_000,
  },
});
