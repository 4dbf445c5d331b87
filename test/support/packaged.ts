import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildFunctions } from '#infra/build.ts';
import { readTemplate, type Template } from '#infra/checks/template.ts';
import { loadPolicy } from '#infra/policy.ts';

const PROJECT = join(import.meta.dirname, '../..');
export const FUNCTION_NAMES = ['slack-edge', 'alert-edge', 'slack-worker', 'alert-worker', 'hygiene'] as const;
const PLAIN = 'export const handler = async (event: unknown, context: unknown) => ({ event, context });\n';

interface Packaged {
  /** A folder with serverless.yml, infra/, dist/ and .build/sls. */
  readonly folder: string;
  readonly dist: string;
  readonly functions: string;
  readonly template: Template;
}

interface Options {
  readonly stage?: string;
  /** Sources of single handlers instead of the plain one. */
  readonly handlers?: Readonly<Record<string, string>>;
  /** Changes a file of infra/ or serverless.yml before packaging. */
  readonly edit?: (file: string, text: string) => string;
}

/** Packages the real serverless.yml with small handlers in a folder of its own, by the real osls without a network. */
export async function packageProject({ stage = 'dev', handlers = {}, edit }: Options = {}): Promise<Packaged> {
  const folder = mkdtempSync(join(tmpdir(), 'patrol-package-'));
  const functions = join(folder, 'functions');
  const dist = join(folder, 'dist');
  mkdirSync(functions);
  for (const name of FUNCTION_NAMES) writeFileSync(join(functions, `${name}.ts`), handlers[name] ?? PLAIN);
  await buildFunctions({ functions, out: dist, policy: loadPolicy() });
  const files = [
    'serverless.yml',
    ...['functions', 'api', 'queues', 'table', 'secrets', 'iam', 'alarms'].map((name) => `infra/${name}.yml`),
  ];
  mkdirSync(join(folder, 'infra'));
  for (const file of files) {
    const text = readFileSync(join(PROJECT, file), 'utf8');
    writeFileSync(join(folder, file), edit?.(file, text) ?? text);
  }
  cpSync(join(PROJECT, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
  await promisify(execFile)(
    process.execPath,
    ['node_modules/osls/bin/serverless.js', 'package', '--stage', stage, '--package', '.build/sls'],
    {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder, SLS_TRACKING_DISABLED: '1', SLS_NOTIFICATIONS_MODE: 'off' },
    },
  );
  return { folder, dist, functions, template: readTemplate(join(folder, '.build/sls')) };
}
