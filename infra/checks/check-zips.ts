import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { asError } from '#shared/core/as-error.ts';
import { assertWithinBudget, weightOf } from '../build.ts';
import { at, isMapping, resourcesOf, type Template, toShort } from './template.ts';

const run = promisify(execFile);

/**
 * Opens each function's zip and starts it in a fresh Node with exactly the variables that the template gives it. Checks
 * that the handler is there and takes at most two arguments, and that the zip stays within the budget of its build.
 */
export async function checkZips(template: Template, zipOf: (name: string) => string): Promise<readonly string[]> {
  const problems = resourcesOf(template, 'AWS::Lambda::Function').map(async ([id, { Properties: own = {} }]) => {
    const name = toShort(own['FunctionName'] ?? '').replace(/^patrol-[^-]+-/, '');
    const zip = zipOf(name);
    if (!existsSync(zip)) return [`${id}: ${zip} is not there`];
    const content = readFileSync(zip);
    return [
      ...overBudget(name, content),
      ...(await checkHandler({ name, content, handler: toShort(own['Handler'] ?? ''), variables: environmentOf(own) })),
    ];
  });
  return (await Promise.all(problems)).flat();
}

function overBudget(name: string, zip: Buffer): readonly string[] {
  try {
    assertWithinBudget(name, weightOf(unzipSync(zip)));
    return [];
  } catch (error) {
    return [asError(error).message];
  }
}

/** Compares two builds byte by byte. Returns one sentence per zip that differs. */
export function compareZips(names: readonly string[], first: string, second: string): readonly string[] {
  return names
    .filter((name) => !readFileSync(join(first, `${name}.zip`)).equals(readFileSync(join(second, `${name}.zip`))))
    .map((name) => `${name}: two builds of the same sources differ`);
}

/** The variables as the template gives them; what only AWS knows is filled with something of the right form. */
function environmentOf(own: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const variables = at(own as Parameters<typeof at>[0], 'Environment', 'Variables');
  const given = isMapping(variables) ? Object.entries(variables) : [];
  return Object.fromEntries(
    given.map(([name, value]) => [
      name,
      typeof value === 'string' ? value : `https://sqs.eu-central-1.amazonaws.com/000000000000/${toShort(value)}`,
    ]),
  );
}

/** Answers how many parameters the exported handler declares, or why it cannot be had. */
const PROBE = `
const [file, name] = process.argv.slice(1);
try {
  const handler = (await import(file))[name];
  console.log(typeof handler === 'function' ? String(handler.length) : 'is not exported');
} catch (error) {
  console.log('does not start: ' + (error instanceof Error ? error.name + ': ' + error.message.slice(0, 300) : typeof error));
}
process.exit(0);`;

interface Started {
  readonly name: string;
  readonly content: Buffer;
  readonly handler: string;
  readonly variables: Readonly<Record<string, string>>;
}

async function checkHandler({ name, content, handler, variables }: Started): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'patrol-zip-'));
  try {
    for (const [file, bytes] of Object.entries(unzipSync(content))) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), bytes);
    }
    const [module = '', symbol = ''] = handler.split('.');
    const file = ['.mjs', '.js', '.cjs']
      .map((ending) => join(folder, `${module}${ending}`))
      .find((path) => existsSync(path));
    if (file === undefined) return [`${name}: the zip holds no ${module}.mjs for the handler ${handler}`];
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', PROBE, file, symbol], {
      cwd: folder,
      env: { ...variables, ...LAMBDA, AWS_LAMBDA_FUNCTION_NAME: name, LAMBDA_TASK_ROOT: folder },
      timeout: 20_000,
    });
    const answer = stdout.trim().split('\n').at(-1) ?? '';
    if (!/^\d+$/.test(answer)) return [`${name}: the handler ${handler} ${answer}`];
    return Number(answer) <= 2
      ? []
      : [`${name}: the handler takes ${answer} arguments; with a third one Lambda waits for a callback`];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What Lambda itself gives every function; nothing is reached from here. */
const LAMBDA = {
  AWS_REGION: 'eu-central-1',
  AWS_DEFAULT_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'example',
  AWS_SESSION_TOKEN: 'example',
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  TZ: ':UTC',
  AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
  AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://127.0.0.1:9',
};
