import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { buildFunctions } from '#infra/build.ts';
import { loadPolicy } from '#infra/policy.ts';
import { type Instance, startInstance } from '#infra/sandbox/lambda/instance.ts';
import { prepareRuntime, type Runtime } from '#infra/sandbox/lambda/runtime.ts';
import { type EdgeSurroundings, startEdgeSurroundings } from '#test/support/edge-surroundings.ts';
import { bareFunction } from '#test/support/bare-function.ts';

let folder: string;
let runtime: Runtime;
let around: EdgeSurroundings;
let outputs: Metafile['outputs'];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'patrol-edge-'));
  [runtime, around] = await Promise.all([
    prepareRuntime(folder),
    startEdgeSurroundings(folder),
    buildFunctions({ out: join(folder, 'dist'), policy: loadPolicy() }),
  ]);
  ({ outputs } = JSON.parse(readFileSync(join(folder, 'dist/meta.json'), 'utf8')) as Metafile);
}, 60_000);
afterAll(async () => {
  await around.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => around.secrets.setFault({ mode: 'none' }));

/** Starts the bundle in AWS's runtime client and waits until its module is loaded. */
async function start(name: string): Promise<Instance> {
  const bare = bareFunction(name, join(folder, 'dist'));
  const instance = startInstance({
    ...bare,
    runtime,
    environment: { ...around.environment, ...bare.environment },
    timeoutMs: 10_000,
    clockOffsetMs: () => 0,
    onPrint: () => undefined,
  });
  onTestFinished(() => instance.close());
  expect(await instance.initialised).toBeUndefined();
  return instance;
}

const statusOf = async (instance: Instance, event: string): Promise<unknown> =>
  (JSON.parse((await instance.invoke(event)).payload) as { statusCode?: unknown }).statusCode;

describe.each([
  { name: 'slack-edge', event: () => around.command(), accepted: 200 },
  { name: 'alert-edge', event: () => around.alert(), accepted: 202 },
])('the bundle of $name', ({ name, event, accepted }) => {
  const inputs = () =>
    Object.keys(outputs[Object.keys(outputs).find((path) => path.includes(`${name}/`)) ?? '']!.inputs);

  it('carries no package at all: no Bolt, no AWS SDK, no undici, no zod', () => {
    const packages = inputs().flatMap((input) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? []);
    expect([...new Set(packages)].toSorted()).toEqual([]);
  });

  it('carries no client of a provider and no store', () => {
    const heavy = /^shared\/(?:providers\/(?:all|clients|[^/]+\/(?:client|facts))\.ts|store|tokens|core\/http\.ts)/;
    expect(inputs().filter((input) => heavy.test(input))).toEqual([]);
  });

  it('has read all its secrets in one call before the first event, and reads none for it', async () => {
    const before = around.secrets.calls.length;
    const instance = await start(name);
    expect(await statusOf(instance, await event())).toBe(accepted);
    expect(await statusOf(instance, await event())).toBe(accepted);
    expect(around.secrets.calls.slice(before).map(({ path }) => path)).toEqual(['/BatchGetSecretValue']);
  });

  it.each(['down', '500', '429'] as const)(
    'starts while Secrets Manager is in trouble (%s), refuses so long, and works in the same process afterwards',
    async (mode) => {
      around.secrets.setFault({ mode });
      const instance = await start(name);
      expect(await statusOf(instance, await event())).toBe(503);
      around.secrets.setFault({ mode: 'none' });
      const stored = await around.stored();
      expect(await statusOf(instance, await event())).toBe(accepted);
      expect(await around.stored()).toBe(stored + 1);
    },
  );
});
