import { spawn } from 'node:child_process';
import { parseArgs, type ParseArgsConfig } from 'node:util';

/** A reason to stop that a person can act on; it is printed without a stack trace. */
export class Stop extends Error {
  override readonly name = 'Stop';
}

type Options = NonNullable<ParseArgsConfig['options']>;

/** Lower-case letters and digits: it becomes part of names in AWS, and of Patrol's own. */
const STAGE = /^[a-z][a-z0-9]{0,15}$/;

/** Reads flags. Throws `Stop` that names the flag which is unknown or lacks its value. */
export function readFlags<const T extends Options>(options: T): ReturnType<typeof parseArgs<{ options: T }>>['values'] {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw new Stop(error instanceof Error ? (error.message.split('. ')[0] ?? '') : 'unreadable flags');
  }
}

/** Checks a stage's name. Throws `Stop` for one that is missing or cannot be part of a name. */
export function checkStage(stage: string | undefined): string {
  if (stage === undefined) throw new Stop('Say which stage: add "-- --stage dev" (or prod, …).');
  if (!STAGE.test(stage))
    throw new Stop(`"${stage}" is no stage name: use lower-case letters and digits, a letter first, 16 at most.`);
  if (stage === 'sandbox') throw new Stop('"sandbox" is the local one (npm start); choose another stage name.');
  return stage;
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

/** Runs a script's main part: a `Stop` is printed as one sentence, anything else with its name; both exit with 1. */
export async function runMain(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Stop ? error.message : error);
    process.exitCode = 1;
  }
}
