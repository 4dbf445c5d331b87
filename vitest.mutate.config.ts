import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { SUBJECTS } from './test/mutate/subjects.ts';

/** For `npm run mutate`: the quick tests that hold the subject which is mutated, so that each change costs a second. */
const subject = process.env['MUTATE_SUBJECT'] ?? '';

/** A change that a quick test notices costs no slow one: the first failure ends its run. */
class LongOnesLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => /\/integration\/|\/disguises\.test/.test(moduleId);
    return (await super.sort(files)).toSorted((one, other) => Number(isLong(one)) - Number(isLong(other)));
  }
}

export default defineConfig({
  plugins: [
    {
      name: 'few-values',
      enforce: 'pre',
      // A property that asks for more values than others would have its way against the setting of all.
      transform: (code, id) =>
        id.endsWith('.test.ts') ? code.replaceAll(/\bnumRuns: [\d_]+/g, 'numRuns: 25') : undefined,
    },
  ],
  test: {
    include: [...(SUBJECTS[subject]?.tests ?? Object.values(SUBJECTS).flatMap(({ tests }) => tests))],
    setupFiles: ['test/mutate/quickly.ts'],
    testTimeout: 15_000,
    // What is shared is read once for each change and not once for each file: that was most of its time.
    isolate: false,
    sequence: { sequencer: LongOnesLast },
  },
});
