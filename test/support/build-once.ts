import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stop as stopEsbuild } from 'esbuild';
import { buildFunctions } from '#infra/build.ts';
import { loadPolicy } from '#infra/policy.ts';
import { BUILT_ONCE, widePolicy } from './sandbox.ts';

/** Builds the functions once for all sandboxes of a run: to build them costs as much as all else at a sandbox's start. */
export default async function buildOnce(): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'patrol-built-once-'));
  const zips = join(folder, 'dist');
  await buildFunctions({ policy: loadPolicy({ file: widePolicy() }), out: zips });
  await stopEsbuild();
  process.env[BUILT_ONCE] = zips;
  return () => rmSync(folder, { recursive: true });
}
