import { createRequire } from 'node:module';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { build } from 'esbuild';

/** How a function's process is started: AWS's own runtime client under Node 24, with our preload. */
export interface Runtime {
  readonly node: string;
  readonly args: readonly string[];
}

const LAMBDA_NODE_MAJOR = 24;

/** Bundles the preload into `folder` and finds Node 24: this process's own, or the one that npm installed. */
export async function prepareRuntime(folder: string): Promise<Runtime> {
  const preload = join(folder, 'preload.cjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'preload.ts')],
    outfile: preload,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    logLevel: 'warning',
  });
  const client = createRequire(import.meta.url).resolve('aws-lambda-ric');
  // The two switches are those of Lambda's own managed runtime.
  const args = ['--require', preload, '--no-experimental-require-module', '--no-experimental-detect-module', client];
  return { node: findNode(), args };
}

function findNode(): string {
  if (Number(process.versions.node.split('.')[0]) >= LAMBDA_NODE_MAJOR) return process.execPath;
  const installed = join(import.meta.dirname, '../../../node_modules/.bin/node');
  if (
    existsSync(installed) &&
    Number(/^v(\d+)/.exec(execFileSync(installed, ['--version'], { encoding: 'utf8' }))?.[1]) >= LAMBDA_NODE_MAJOR
  ) {
    return installed;
  }
  throw new Error(`Node ${LAMBDA_NODE_MAJOR} or newer is needed to run the functions; this is ${process.version}.`);
}
