import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { orExit, readCommandLine } from '#infra/command-line.ts';
import type { Attack, Edit } from '#test/support/attack.ts';

const USAGE = `npm run test:attacks -- [name …] [--without]

Carries the attacks out and prints what held.

  --without   does each once more on a copy of the project without its protection: it must fail there
`;

const PROJECT = join(import.meta.dirname, '../..');

interface Result {
  readonly attack: Attack;
  readonly held: boolean;
  readonly why: string;
}

interface Report {
  readonly testResults: readonly {
    readonly message: string;
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly failureMessages: readonly string[];
      readonly meta: { readonly attack?: Attack };
    }[];
  }[];
}

/** Runs the rows with these names (all, when there are none) in a folder. Throws when a file could not be run at all. */
async function carryOut(folder: string, names: readonly string[]): Promise<Result[]> {
  const out = join(mkdtempSync(join(tmpdir(), 'patrol-attacks-')), 'report.json');
  const some = names.length === 0 ? [] : ['--testNamePattern', `^(?:${names.join('|')}): `];
  const vitest = [
    'node_modules/vitest/vitest.mjs',
    ...['run', '--project', 'attacks', '--reporter', 'json', '--outputFile', out],
  ];
  await promisify(execFile)(process.execPath, [...vitest, ...some], { cwd: folder, maxBuffer: 1e8 }).catch(() => 'red');
  const { testResults } = JSON.parse(readFileSync(out, 'utf8')) as Report;
  rmSync(dirname(out), { recursive: true });
  const broken = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  if (broken[0] !== undefined) throw new Error(`${broken[0].name} did not run: ${broken[0].message}`);
  return testResults.flatMap(({ assertionResults }) =>
    assertionResults.flatMap(({ status, failureMessages: [why = ''], meta: { attack } }) =>
      attack === undefined ? [] : [{ attack, held: status === 'passed', why: why.split('\n')[0] ?? '' }],
    ),
  );
}

/** Copies what git tracks, with the protection taken out. Throws when an edit does not fit the file any more. */
async function copyWithout(edits: readonly Edit[]): Promise<string> {
  const { stdout } = await promisify(execFile)(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    {
      cwd: PROJECT,
      maxBuffer: 1e7,
    },
  );
  const folder = mkdtempSync(join(tmpdir(), 'patrol-without-'));
  for (const file of stdout.split('\0').filter((name) => name !== '')) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(PROJECT, file), join(folder, file), { force: true, errorOnExist: false });
  }
  symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
  for (const { file, replace, by } of edits) {
    const [before, after, ...more] = readFileSync(join(folder, file), 'utf8').split(replace);
    if (before === undefined || after === undefined || more.length > 0) {
      throw new Error(`${file} does not hold exactly once: ${replace}`);
    }
    writeFileSync(join(folder, file), `${before}${by}${after}`);
  }
  return folder;
}

async function failsWithout({ name, without }: Attack): Promise<boolean> {
  const folder = await copyWithout(without);
  try {
    const [result] = await carryOut(folder, [name]);
    if (result === undefined) throw new Error(`${name} was not run`);
    if (!result.held) console.log(`  without its protection ${name} fails: ${result.why}`);
    return !result.held;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;

const { values, positionals } = orExit(() =>
  readCommandLine({ usage: USAGE, options: { without: { type: 'boolean' } }, words: Infinity }),
);
const results = await carryOut(PROJECT, positionals);
console.log(row(['attack', 'finding', 'what an attacker does', 'what must hold', 'held']));
console.log('|---|---|---|---|---|');
for (const {
  attack: { name, finding, does, holds },
  held,
  why,
} of results) {
  console.log(row([name, finding === undefined ? '' : String(finding), does, holds, held ? 'yes' : `NO: ${why}`]));
}
let bad = results.filter(({ held }) => !held).length;
console.log(`\n${results.length} attacks, ${results.length - bad} held.`);
for (const name of positionals.filter((each) => !results.some(({ attack }) => attack.name === each))) {
  console.log(`There is no attack ${name}.`);
  bad += 1;
}
if (values.without === true) {
  for (const { attack } of results) {
    if (await failsWithout(attack)) continue;
    console.log(`  ${attack.name} HOLDS WITHOUT ITS PROTECTION: it shows nothing.`);
    bad += 1;
  }
}
process.exitCode = bad > 0 || results.length === 0 ? 1 : 0;
