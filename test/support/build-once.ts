import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Metafile, stop as stopEsbuild } from 'esbuild';
import { buildFunctions } from '#infra/build.ts';
import { loadPolicy } from '#infra/policy.ts';
import { BUILT_ONCE, widePolicy } from './sandbox.ts';

/** What a run knows of an earlier build: its folder, and the files that were edited since. */
export interface BuiltBefore {
  readonly zips: string;
  readonly edited: readonly string[];
}

/** The variable that holds a `BuiltBefore`, as JSON: only what the edits reach is built again. */
export const BUILT_BEFORE = 'PATROL_BUILT_BEFORE';

/**
 * Builds the functions once for all sandboxes of a run: to build them costs as much as all else at a sandbox's start.
 * In the end the sandboxes go that files have shared.
 */
export default async function buildOnce(): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'patrol-built-once-'));
  const zips = join(folder, 'dist');
  await build(zips);
  await stopEsbuild();
  process.env[BUILT_ONCE] = zips;
  return () => {
    for (const shared of readdirSync(folder).filter((file) => file.endsWith('.pid'))) end(Number.parseInt(shared, 10));
    rmSync(folder, { recursive: true });
  };
}

async function build(out: string): Promise<void> {
  const policy = loadPolicy({ file: widePolicy() });
  const before = process.env[BUILT_BEFORE];
  if (before === undefined) return void (await buildFunctions({ policy, out }));
  const { zips, edited } = JSON.parse(before) as BuiltBefore;
  const reached = reachedBy(edited, zips);
  if (reached.size > 0) await buildFunctions({ policy, out, only: (name) => reached.has(name) });
  for (const zip of readdirSync(zips).filter((file) => file.endsWith('.zip') && !reached.has(file.slice(0, -4))))
    cpSync(join(zips, zip), join(out, zip));
}

/** The functions in which one of these files is. */
function reachedBy(edited: readonly string[], zips: string): ReadonlySet<string> {
  const { outputs } = JSON.parse(readFileSync(join(zips, 'meta.json'), 'utf8')) as Metafile;
  // A policy is read when a function is packed, and goes into each.
  const isPolicy = edited.some((file) => file.endsWith('.yml'));
  return new Set(
    Object.entries(outputs)
      .filter(([, { inputs }]) => isPolicy || edited.some((file) => file in inputs))
      .map(([output]) => output.split('/').at(-2) ?? ''),
  );
}

function end(pid: number): void {
  try {
    process.kill(pid);
  } catch {
    // It has ended already.
  }
}
