import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import type * as z from 'zod';

/** A reason to stop that a person can act on, printed as it is; with `exitCode` 0 it is what was asked for (`--help`). */
export class Stop extends Error {
  override readonly name = 'Stop';
  readonly exitCode: 0 | 1;
  constructor(message: string, exitCode: 0 | 1 = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

type Options = NonNullable<ParseArgsConfig['options']>;

interface Script<T extends Options> {
  /** What `--help` prints; its first line is how the script is called. */
  readonly usage: string;
  readonly options: T;
  /** How many words without a flag it takes; none unless told otherwise. */
  readonly words?: number;
}

const HELP = { help: { type: 'boolean', short: 'h', default: false } } as const;
type Read<T extends Options> = ReturnType<typeof parseArgs<{ options: T & typeof HELP; allowPositionals: true }>>;

/**
 * Reads a script's command line. Throws `Stop` with the usage for `--help`, and with one sentence for a flag that is
 * unknown or lacks its value, and for a word too many: mostly the value of a flag that npm kept for want of a `--`.
 */
export function readCommandLine<const T extends Options>(script: Script<T>, args = process.argv.slice(2)): Read<T> {
  const { usage, options, words = 0 } = script;
  const call = usage.split('\n')[0] ?? '';
  const read = parse(args, { ...options, ...HELP }, call);
  if (args.includes('--help') || args.includes('-h')) throw new Stop(usage.trimEnd(), 0);
  const extra = read.positionals[words];
  if (extra !== undefined)
    throw new Stop(`"${extra}" is not expected here. npm keeps flags to itself unless "--" comes first: ${call}`);
  return read;
}

function parse<T extends Options>(args: readonly string[], options: T & typeof HELP, call: string): Read<T> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const [what = 'The flags cannot be read'] = error instanceof Error ? error.message.split(/[.\n]/) : [];
    throw new Stop(
      `${what}. The flags are: ${Object.keys(options)
        .map((name) => `--${name}`)
        .join(', ')}. (${call})`,
    );
  }
}

/** Reads a whole number up to `most`. Throws `Stop` that names the flag. */
export function wholeNumber(flag: string, text: string, most = Number.MAX_SAFE_INTEGER): number {
  if (!/^\d+$/.test(text) || Number(text) > most)
    throw new Stop(`${flag} must be a whole number${most === Number.MAX_SAFE_INTEGER ? '' : ` up to ${most}`}.`);
  return Number(text);
}

/** Reads whole numbers with commas between them; nothing at all is none. Throws `Stop` that names the flag. */
export const wholeNumbers = (flag: string, text: string): readonly number[] =>
  text
    .split(',')
    .filter((part) => part !== '')
    .map((part) => wholeNumber(flag, part));

/** Reads a file. Throws `Stop` that says why it cannot be read. `-` is the standard input. */
export function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new Stop(sentenceOf(error));
  }
}

/** Reads a file of JSON. Throws `Stop` without a word of what is in it: the parser's own message would quote it. */
export function readJson(file: string): unknown {
  const text = readText(file);
  try {
    return JSON.parse(text);
  } catch {
    throw new Stop(`${file} is not JSON.`);
  }
}

const isMissing = (issue: z.core.$ZodIssue): boolean => / received undefined$/.test(issue.message);

/** Says of each field that does not fit what is wrong with it, without its value. */
export function fieldProblems(error: z.ZodError): readonly string[] {
  return error.issues.map((issue) => {
    const field = issue.path.length === 0 ? 'the whole' : issue.path.join('.');
    if (isMissing(issue)) return `${field}: is missing`;
    if (issue.code === 'invalid_type') return `${field}: must be ${WORDS[issue.expected] ?? `a ${issue.expected}`}`;
    if (issue.code === 'invalid_value') return `${field}: must be one of ${issue.values.join(', ')}`;
    return `${field}: has the wrong form`;
  });
}

const WORDS: Readonly<Record<string, string>> = {
  object: 'a JSON object',
  record: 'a JSON object',
  string: 'a text',
  int: 'a whole number',
  boolean: 'true or false',
};

/** Lower-case letters and digits: it becomes part of names in AWS, and of Patrol's own. */
const STAGE = /^[a-z][a-z0-9]{0,15}$/;

/** Checks a stage's name. Throws `Stop` for one that is missing or cannot be part of a name. */
export function checkStageName(stage: string | undefined): string {
  if (stage === undefined) throw new Stop('Say which stage: add "-- --stage dev" (or prod, …).');
  if (!STAGE.test(stage))
    throw new Stop(`"${stage}" is no stage name: use lower-case letters and digits, a letter first, 16 at most.`);
  return stage;
}

/** The same, and throws `Stop` for the stage that is on this machine and in no account. */
export function checkStage(stage: string | undefined): string {
  const checked = checkStageName(stage);
  if (checked === 'sandbox') throw new Stop('"sandbox" is the local one (npm start); choose another stage name.');
  return checked;
}

/** The region from the flag, else from the environment, else Frankfurt: the same order as in serverless.yml. */
export function chooseRegion(flag: string | undefined, environment: NodeJS.ProcessEnv): string {
  const region = flag ?? environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'] ?? 'eu-central-1';
  if (!/^[a-z]{2}(?:-[a-z]+)+-\d$/.test(region)) throw new Stop(`"${region}" is no AWS region.`);
  return region;
}

/** Runs a program with the terminal handed through. Throws `Stop` when it fails. */
export async function runProgram(
  command: string,
  args: readonly string[],
  extra: NodeJS.ProcessEnv = {},
): Promise<void> {
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, ...extra } });
    child.on('error', reject);
    child.on('exit', resolve);
  });
  if (code !== 0)
    throw new Stop(`"${[command.split('/').at(-1), ...args].join(' ')}" failed; nothing was done after it.`);
}

/** What went wrong, as a sentence. */
function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    return `${error.message.replace(/^listen EADDRINUSE: /, '')}. Choose another port with --port, or any free one with --port 0.`;
  const file = FILE_TROUBLE[code ?? ''];
  if (file !== undefined && path !== undefined) return `${path}: ${file}.`;
  return SPEAKING.has(error.name) ? error.message : `${error.name}: ${error.message}`;
}

/** Errors of ours whose message is a sentence already. */
const SPEAKING = new Set(['Stop', 'PolicyError', 'WrongSecret', 'Error']);
const FILE_TROUBLE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'may not be read',
  EISDIR: 'is a folder and not a file',
  ENOTDIR: 'is a file and not a folder',
};

/** Prints why a script stops, as a sentence and never as a stack trace (DEBUG=1 prints that, too). Returns the exit code. */
function tell(error: unknown): 0 | 1 {
  const isAnswer = error instanceof Stop && error.exitCode === 0;
  (isAnswer ? console.log : console.error)(sentenceOf(error));
  if (!(error instanceof Stop) && (process.env['DEBUG'] ?? '') !== '') console.error(error);
  return isAnswer ? 0 : 1;
}

/** Runs a script's main part; whatever stops it is told in a sentence. */
export async function runMain(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    process.exitCode = tell(error);
  }
}

/** Reads the command line of a script that has no main part; help, or a mistake in it, ends the process. */
export function orExit<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    return process.exit(tell(error));
  }
}
