import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildFunctions } from '#infra/build.ts';
import { readTemplate, type Template } from '#infra/checks/template.ts';
import { loadPolicy } from '#infra/policy.ts';
import { defined } from '#shared/core/defined.ts';

const PROJECT = join(import.meta.dirname, '../..');
export const FUNCTION_NAMES = ['slack-edge', 'alert-edge', 'slack-worker', 'alert-worker', 'hygiene'] as const;
const PLAIN = 'export const handler = async (event: unknown, context: unknown) => ({ event, context });\n';

/** Where this run keeps what it has compiled: no script reads it, Node does. */
export const COMPILED: Readonly<Record<string, string>> = defined({
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
});

interface Packaged {
  /** A folder with serverless.yml, infra/, dist/ and .build/sls. */
  readonly folder: string;
  readonly dist: string;
  readonly functions: string;
  readonly template: Template;
  /** Runs the real osls on what was packaged; gives what it printed. Rejects when it fails. */
  osls(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<string>;
}

interface Options {
  readonly stage?: string;
  /** Packages the project's own functions instead of small ones. */
  readonly real?: boolean;
  /** Sources of single handlers instead of the plain one. */
  readonly handlers?: Readonly<Record<string, string>>;
  /** Changes a file of infra/ or serverless.yml before packaging. */
  readonly edit?: (file: string, text: string) => string;
}

/** Packages the real serverless.yml with small handlers (or its own) in a folder of its own, by the real osls without a network. */
export async function packageProject({
  stage = 'dev',
  real = false,
  handlers = {},
  edit,
}: Options = {}): Promise<Packaged> {
  const folder = mkdtempSync(join(tmpdir(), 'patrol-package-'));
  const functions = real ? join(PROJECT, 'functions') : join(folder, 'functions');
  const dist = join(folder, 'dist');
  if (!real) mkdirSync(functions);
  for (const name of real ? [] : FUNCTION_NAMES) writeFileSync(join(functions, `${name}.ts`), handlers[name] ?? PLAIN);
  await buildFunctions({ functions, out: dist, policy: loadPolicy() });
  const files = [
    'serverless.yml',
    'infra/alert-routes.cjs',
    'infra/alert-secrets.cjs',
    ...['functions', 'api', 'queues', 'table', 'secrets', 'iam', 'alarms'].map((name) => `infra/${name}.yml`),
  ];
  mkdirSync(join(folder, 'infra'));
  for (const file of files) {
    const text = readFileSync(join(PROJECT, file), 'utf8');
    writeFileSync(join(folder, file), edit?.(file, text) ?? text);
  }
  cpSync(join(PROJECT, 'package.json'), join(folder, 'package.json'));
  for (const name of ['node_modules', 'shared']) symlinkSync(join(PROJECT, name), join(folder, name));
  const osls: Packaged['osls'] = async (args, environment = {}) => {
    const env = {
      PATH: process.env['PATH'],
      HOME: folder,
      SLS_NOTIFICATIONS_MODE: 'off',
      SLS_AWS_MONITORING_FREQUENCY: '200',
      ...COMPILED,
      ...environment,
    };
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['node_modules/osls/bin/serverless.js', ...args, '--stage', stage, '--package', '.build/sls'],
      { cwd: folder, env },
    );
    return stdout + stderr;
  };
  await osls(['package']);
  return { folder, osls, dist, functions, template: readTemplate(join(folder, '.build/sls')) };
}
