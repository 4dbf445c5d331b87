import { globSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { isNamedForAnExport } from './checks/is-named-for-an-export.ts';
import { readCommandLine, runMain } from './command-line.ts';

const USAGE = `npm run measure

Prints how long files and functions are (median, 95th percentile, longest, in lines) and how many files carry the name of
one of their exports, over functions/ and shared/, and over infra/.`;

const ROOMS = {
  'functions, shared': ['functions/**/*.ts', 'shared/**/*.ts'],
  infra: ['infra/**/*.{ts,tsx}'],
} as const;

await runMain(async () => {
  readCommandLine({ usage: USAGE, options: {} });
  for (const [room, globs] of Object.entries(ROOMS)) {
    const files = globSync([...globs]).map((file) => ({ file, text: readFileSync(file, 'utf8') }));
    const named = files.filter(({ file, text }) => isNamedForAnExport(file, text)).length;
    console.log(`${room}: ${files.length} files, ${Math.round((100 * named) / files.length)} % named for an export`);
    console.log(`  files      ${spread(files.map(({ text }) => text.trimEnd().split('\n').length))}`);
    console.log(`  functions  ${spread(files.flatMap(({ file, text }) => functionLengths(file, text)))}`);
  }
});

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
