import { tellSteps } from '#infra/tell-steps.ts';
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { orExit, readCommandLine } from '#infra/command-line.ts';
import { buildFunctions } from '#infra/build.ts';
import { loadPolicy } from '#infra/policy.ts';
import type { Attack, Edit } from '#test/support/attack.ts';
import { BUILT_BEFORE, type BuiltBefore } from '#test/support/build-once.ts';
import { widePolicy } from '#test/support/sandbox.ts';

const USAGE = `npm run test:attacks -- [name …] [--without]

Carries the attacks out and prints what held.

  --without   does each once more on a copy of the project without its protection: it must fail there
`;

const PROJECT = join(import.meta.dirname, '../..');

interface Result {
  readonly attack: Attack;
  readonly file: string;
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

/** Runs the rows with these names (all, when there are none) in a folder, those of one file when it is named. Throws when a file could not be run at all. */
async function carryOut(
  folder: string,
  names: readonly string[],
  file?: string,
  before?: BuiltBefore,
): Promise<Result[]> {
  const out = join(mkdtempSync(join(tmpdir(), 'patrol-attacks-')), 'report.json');
  const some = names.length === 0 ? [] : ['--testNamePattern', `^(?:${names.join('|')}): `];
  const vitest = [
    'node_modules/vitest/vitest.mjs',
    ...[
      'run',
      ...(file === undefined ? [] : [file]),
      '--project',
      'attacks',
      '--reporter',
      'json',
      '--outputFile',
      out,
    ],
  ];
  await promisify(execFile)(process.execPath, [...vitest, ...some], {
    cwd: folder,
    maxBuffer: 1e8,
    env: { ...process.env, ...(before === undefined ? {} : { [BUILT_BEFORE]: JSON.stringify(before) }) },
  }).catch(() => 'red');
  const { testResults } = JSON.parse(readFileSync(out, 'utf8')) as Report;
  rmSync(dirname(out), { recursive: true });
  const broken = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  if (broken[0] !== undefined) throw new Error(`${broken[0].name} did not run: ${broken[0].message}`);
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.flatMap(({ status, failureMessages: [why = ''], meta: { attack } }) =>
      attack === undefined
        ? []
        : [{ attack, file: relative(folder, name), held: status === 'passed', why: why.split('\n')[0] ?? '' }],
    ),
  );
}

/** Copies what git tracks. One copy serves many rows: what differs between them is a line or two. */
async function copyProject(): Promise<string> {
  const { stdout } = await promisify(execFile)(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    { cwd: PROJECT, maxBuffer: 1e7 },
  );
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'patrol-without-')));
  const files = stdout.split('\0').filter((name) => name !== '' && existsSync(join(PROJECT, name)));
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(PROJECT, file), join(folder, file), { force: true, errorOnExist: false });
  }
  symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** Takes a protection out of a copy, and gives what puts it back. Throws when an edit does not fit the file any more. */
function takeOut(folder: string, edits: readonly Edit[]): () => void {
  const whole = new Map(edits.map(({ file }) => [file, readFileSync(join(folder, file), 'utf8')]));
  const putBack = (): void => whole.forEach((text, file) => writeFileSync(join(folder, file), text));
  for (const { file, replace, by } of edits) {
    const [before, after, ...more] = readFileSync(join(folder, file), 'utf8').split(replace);
    if (before === undefined || after === undefined || more.length > 0) {
      putBack();
      throw new Error(`${file} does not hold exactly once: ${replace}`);
    }
    writeFileSync(join(folder, file), `${before}${by}${after}`);
  }
  return putBack;
}

/** Says in a sentence what is wrong with a row; nothing, when it fails as it must without its protection. */
async function faultWithout(
  folder: string,
  { attack: { name, without, inside }, file }: Result,
  zips: string,
): Promise<string | undefined> {
  let putBack: (() => void) | undefined;
  try {
    putBack = takeOut(folder, without);
    const edited = inside === undefined ? without.map((edit) => edit.file) : [];
    const [result] = await carryOut(folder, [name], file, { zips, edited });
    if (result === undefined) return `${name} was not run`;
    if (result.held) return `${name} HOLDS WITHOUT ITS PROTECTION: it shows nothing.`;
    console.log(`  without its protection ${name} fails: ${result.why}`);
    return undefined;
  } catch (error) {
    return `${name} could not be tried: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    putBack?.();
  }
}

/** Tries rows in as many copies as there are cores to run them on, and tells what is wrong. */
async function faultsWithout(rows: readonly Result[]): Promise<string[]> {
  const waiting = rows[Symbol.iterator]();
  const zips = join(mkdtempSync(join(tmpdir(), 'patrol-whole-')), 'dist');
  await buildFunctions({ policy: loadPolicy({ file: widePolicy() }), out: zips });
  const lane = async (): Promise<string[]> => {
    const folder = await copyProject();
    const faults: string[] = [];
    try {
      for (const row of waiting)
        faults.push(...[await faultWithout(folder, row, zips)].filter((it) => it !== undefined));
    } finally {
      rmSync(folder, { recursive: true });
    }
    return faults;
  };
  const faults = (await Promise.all([lane(), lane()])).flat();
  rmSync(dirname(zips), { recursive: true });
  return faults;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;

const { values, positionals } = orExit(() =>
  readCommandLine({ usage: USAGE, options: { without: { type: 'boolean' } }, words: Infinity }),
);
const step = tellSteps(console.error);
step('Playing the attacks');
const results = await carryOut(PROJECT, positionals);
console.log(row(['attack', 'finding', 'what an attacker does', 'what must hold', 'where', 'held']));
console.log('|---|---|---|---|---|---|');
for (const {
  attack: { name, finding, does, holds, inside },
  held,
  why,
} of results) {
  const where = inside === undefined ? 'zips' : `inside: ${inside}`;
  const number = finding === undefined ? '' : String(finding);
  console.log(row([name, number, does, holds, where, held ? 'yes' : `NO: ${why}`]));
}
const throughZips = results.filter(({ attack: { inside } }) => inside === undefined).length;
let bad = results.filter(({ held }) => !held).length;
console.log(`\n${results.length} attacks, ${throughZips} of them through the zips: ${results.length - bad} held.`);
for (const name of positionals.filter((each) => !results.some(({ attack }) => attack.name === each))) {
  console.log(`There is no attack ${name}.`);
  bad += 1;
}
if (values.without === true) {
  step('Taking away what protects from each');
  const faults = await faultsWithout(results.filter(({ held }) => held));
  for (const fault of faults) console.log(`  ${fault}`);
  console.log(`\n${results.length - bad - faults.length} of ${results.length} fail without their protection.`);
  bad += faults.length;
}
process.exitCode = bad > 0 || results.length === 0 ? 1 : 0;
