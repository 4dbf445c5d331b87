import fc from 'fast-check';
import { beforeEach } from 'vitest';

/**
 * What makes a changed line cost a second instead of a minute, set up before each test file of `npm run mutate`: properties are
 * tried with few values, always the same ones, and are not shrunk; tests that are about size or time are left out. The score
 * is therefore at most what the whole suite would reach.
 */
fc.configureGlobal({ numRuns: 25, seed: 11, endOnFailure: true });

const ABOUT_SIZE =
  /takes as long for one text|thousand findings|hides nothing more when it is done again|of 200 tokens|twenty jobs|count together|gives up after a minute|is a name that SQS takes/;

beforeEach(({ task, skip }) => {
  skip(ABOUT_SIZE.test(task.name), 'it is about size or time');
});
