import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMPILED, FUNCTION_NAMES } from './packaged.ts';

const PROJECT = join(import.meta.dirname, '../..');
const PLAIN = 'export const handler = async (event: unknown, context: unknown) => ({ event, context });\n';

export interface Ran {
  readonly code: number | null;
  readonly out: string;
}

interface ProjectCopy {
  readonly folder: string;
  write(file: string, text: string): void;
  /** Runs a script of the copy on this Node with exactly this environment; gives stdout and stderr together. */
  run(
    script: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>>,
    input?: string,
  ): Promise<Ran>;
  remove(): void;
}

/** Copies the project, with small handlers in place of the functions, so that its scripts can be run on other settings. */
export function copyProject(): ProjectCopy {
  const folder = mkdtempSync(join(tmpdir(), 'patrol-project-'));
  for (const item of ['package.json', 'tsconfig.json', 'serverless.yml', 'shared', 'infra']) {
    cpSync(join(PROJECT, item), join(folder, item), { recursive: true });
  }
  mkdirSync(join(folder, 'functions'));
  // What the build bundles beside the functions.
  cpSync(join(PROJECT, 'functions/runtime'), join(folder, 'functions/runtime'), { recursive: true });
  for (const name of FUNCTION_NAMES) writeFileSync(join(folder, 'functions', `${name}.ts`), PLAIN);
  symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
  return {
    folder,
    write: (file, text) => writeFileSync(join(folder, file), text),
    run: (script, args, environment, input = '') =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [script, ...args], {
          cwd: folder,
          env: {
            PATH: process.env['PATH'],
            HOME: folder,
            AWS_EC2_METADATA_DISABLED: 'true',
            SLS_TRACKING_DISABLED: '1',
            SLS_AWS_MONITORING_FREQUENCY: '200',
            ...COMPILED,
            ...environment,
          },
        });
        let out = '';
        child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
        child.stderr.setEncoding('utf8').on('data', (text: string) => (out += text));
        child.on('error', reject);
        child.on('close', (code) => resolve({ code, out }));
        child.stdin.end(input);
      }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A policy for a real stage: the project's own with other ids. */
export const REAL_POLICY = `teams: [T0123456789]
channels: { security: C0123456789 }
roles:
  admin: { users: [U0123456789], may: [{ verbs: '*' }] }
  approver: { users: [U0123456780], may: [{ verbs: [list, show] }] }
alerts:
  sources: [github, generic]
  rules: [{ name: sure, when: { grade: [exact, strong] }, then: deactivate }]
`;
