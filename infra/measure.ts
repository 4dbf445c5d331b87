import { globSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import * as z from 'zod';
import { isNamedForAnExport } from './checks/is-named-for-an-export.ts';
import { readCommandLine, readJson, runMain, Stop } from './command-line.ts';

const USAGE = `npm run measure -- [--report FILE]

Prints how long files and functions are (median, 95th percentile, longest, in lines) and how many files carry the name of
one of their exports, over functions/ and shared/, and over infra/; then files and lines of each room.

  --report FILE   a JSON report of vitest's, as TEST_REPORTS=FOLDER npm test writes it: how long each kind of test took
`;

const PARTS = {
  'functions, shared': ['functions/**/*.ts', 'shared/**/*.ts'],
  infra: ['infra/**/*.{ts,tsx}'],
} as const;

const ROOMS = ['functions', 'shared/*', 'infra/sandbox', 'infra/setup', 'infra/checks', 'test/*'] as const;

const readAll = (globs: readonly string[]) =>
  globSync([...globs]).map((file) => ({ file, text: readFileSync(file, 'utf8') }));

const linesOf = (text: string): number => text.trimEnd().split('\n').length;

const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      startTime: z.number(),
      endTime: z.number(),
      assertionResults: z.array(z.unknown()),
    }),
  ),
});

/** How long each kind of test took: by the clock, from its first test to its last, and file by file together. */
function secondsByKind(report: string): readonly string[] {
  const read = reportSchema.safeParse(readJson(report));
  if (!read.success) throw new Stop(`${report} is no JSON report of vitest's.`);
  const kinds = Map.groupBy(read.data.testResults, ({ name }) => /.*\/test\/(\w+)\//.exec(name)?.[1] ?? 'other');
  return [...kinds].map(([kind, files]) => {
    const from = Math.min(...files.map(({ startTime }) => startTime));
    const to = Math.max(...files.map(({ endTime }) => endTime));
    const together = files.reduce((sum, { startTime, endTime }) => sum + endTime - startTime, 0);
    const tests = files.reduce((sum, { assertionResults }) => sum + assertionResults.length, 0);
    return `${kind.padEnd(12)} ${files.length} files, ${tests} tests: ${seconds(to - from)} s by the clock, ${seconds(together)} s together`;
  });
}

const seconds = (milliseconds: number): number => Math.round(milliseconds / 1000);

function spread(lengths: readonly number[]): string {
  const sorted = lengths.toSorted((left, right) => left - right);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  return `${sorted.length}: median ${at(0.5)}, p95 ${at(0.95)}, longest ${at(1)}`;
}

function functionLengths(file: string, text: string): readonly number[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const lengths: number[] = [];
  const visit = (node: ts.Node): void => {
    const isOne = ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node) || ts.isMethodDeclaration(node);
    if ((isOne && node.body !== undefined) || ts.isArrowFunction(node)) {
      const lineOf = (position: number) => source.getLineAndCharacterOfPosition(position).line;
      lengths.push(lineOf(node.end) - lineOf(node.getStart()) + 1);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return lengths;
}

await runMain(async () => {
  const { values } = readCommandLine({ usage: USAGE, options: { report: { type: 'string' } } });
  for (const [part, globs] of Object.entries(PARTS)) {
    const files = readAll(globs);
    const named = files.filter(({ file, text }) => isNamedForAnExport(file, text)).length;
    console.log(`${part}: ${files.length} files, ${Math.round((100 * named) / files.length)} % named for an export`);
    console.log(`  files      ${spread(files.map(({ text }) => linesOf(text)))}`);
    console.log(`  functions  ${spread(files.flatMap(({ file, text }) => functionLengths(file, text)))}`);
  }
  for (const room of globSync([...ROOMS]).toSorted()) {
    const files = readAll([`${room}/**/*.{ts,tsx}`]);
    const lines = files.reduce((sum, { text }) => sum + linesOf(text), 0);
    if (files.length > 0) console.log(`${room.padEnd(20)} ${files.length} files, ${lines} lines`);
  }
  if (values.report !== undefined) for (const line of secondsByKind(values.report)) console.log(line);
});
