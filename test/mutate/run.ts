import { tellSteps } from '#infra/tell-steps.ts';
import { mkdirSync } from 'node:fs';
import { relative } from 'node:path';
import { Stryker } from '@stryker-mutator/core';
import { orExit, readCommandLine, Stop } from '#infra/command-line.ts';
import { SUBJECTS } from './subjects.ts';

/** Per cent. */
const WANTED = 90;
const NAMES = Object.keys(SUBJECTS).join(', ');
const USAGE = `npm run mutate -- [subject ...] [--survivors]

Changes the code that verifies, seals, decides and remembers, a line at a time, and wants a test to fail. Ends in 1 where a
subject's score is below ${WANTED} %. Subjects: ${NAMES}.

  --survivors   lists every change that no test noticed
`;

type Mutant = Awaited<ReturnType<Stryker['runMutationTest']>>[number];

interface Score {
  readonly name: string;
  readonly killed: number;
  readonly survived: readonly Mutant[];
  readonly minutes: number;
}

/** Of those that compile, how many a test noticed, in per cent. */
const percentOf = ({ killed, survived }: Score): number => (100 * killed) / Math.max(1, killed + survived.length);

async function mutate(name: string): Promise<Score> {
  const startedAt = Date.now();
  process.env['MUTATE_SUBJECT'] = name;
  mkdirSync('reports/mutation', { recursive: true });
  const stryker = new Stryker({
    configFile: 'stryker.config.json',
    mutate: [...SUBJECTS[name]!.mutate],
    incrementalFile: `reports/mutation/${name}.json`,
    htmlReporter: { fileName: `reports/mutation/${name}.html` },
  });
  const mutants = await stryker.runMutationTest();
  return {
    name,
    killed: mutants.filter(({ status }) => status === 'Killed' || status === 'Timeout').length,
    survived: mutants.filter(({ status }) => status === 'Survived' || status === 'NoCoverage'),
    minutes: (Date.now() - startedAt) / 60_000,
  };
}

function lineOf({ fileName, location, mutatorName, replacement, status }: Mutant): string {
  const { line, column } = location.start;
  const by = (replacement ?? '').replace(/\s+/g, ' ').slice(0, 90);
  return `  ${relative(process.cwd(), fileName)}:${line}:${column} ${mutatorName} → ${by}${status === 'NoCoverage' ? ' (not run)' : ''}`;
}

const { values, positionals } = orExit(() => {
  const read = readCommandLine({ usage: USAGE, options: { survivors: { type: 'boolean' } }, words: Infinity });
  const unknown = read.positionals.find((name) => !Object.hasOwn(SUBJECTS, name));
  if (unknown !== undefined) throw new Stop(`There is no subject ${unknown}; there are ${NAMES}.`);
  return read;
});
const step = tellSteps(console.error);
const scores: Score[] = [];
for (const name of positionals.length > 0 ? positionals : Object.keys(SUBJECTS)) {
  step(`Changing ${name}, and running its tests on each change`);
  const score = await mutate(name);
  scores.push(score);
  console.log(
    `${name}: ${percentOf(score).toFixed(1)} % (${score.killed} noticed, ${score.survived.length} not, ${score.minutes.toFixed(1)} min)`,
  );
  if (values.survivors) for (const mutant of score.survived) console.log(lineOf(mutant));
}
console.log('\n| subject | changes | noticed | score |\n|---|--:|--:|--:|');
for (const score of scores) {
  console.log(
    `| ${score.name} | ${score.killed + score.survived.length} | ${score.killed} | ${percentOf(score).toFixed(1)} % |`,
  );
}
process.exitCode = scores.every((score) => percentOf(score) >= WANTED) ? 0 : 1;
