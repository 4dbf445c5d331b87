import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { assertLightEdges, assertWithinBudget, buildFunctions } from '#infra/build.ts';
import { loadPolicy } from '#infra/policy.ts';
import { readOpenDoors } from '#shared/policy/read-open-doors.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures');
const policy = loadPolicy();
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'patrol-build-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const digest = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

describe('buildFunctions', () => {
  it('makes a bundle, a policy and a zip of every file, and none of the folders beside them', async () => {
    const functions = join(folder, 'functions');
    mkdirSync(functions);
    writeFileSync(join(functions, 'slack-edge.ts'), 'export const handler = () => 1;');
    writeFileSync(join(functions, 'worker.ts'), 'export async function handler() { return 2; }');
    mkdirSync(join(functions, 'runtime'));
    writeFileSync(join(functions, 'runtime/edge.ts'), 'export const edge = 3;');
    const built = await buildFunctions({ functions, out: join(folder, 'out'), policy });
    expect(built.map(({ name }) => name)).toEqual(['slack-edge', 'worker']);
    const [edge, worker] = built.map(({ zip }) => unzipSync(readFileSync(zip)));
    expect(Object.keys(edge!)).toEqual(['index.mjs']);
    expect(Object.keys(worker!)).toEqual(['index.mjs', 'policy.json']);
    expect(JSON.parse(Buffer.from(worker!['policy.json']!).toString())).toEqual(policy);
    expect(readdirSync(join(folder, 'out'))).toEqual([
      'meta.json',
      'slack-edge',
      'slack-edge.zip',
      'worker',
      'worker.zip',
    ]);
  });

  it('refuses a file that is no function', async () => {
    const functions = join(folder, 'mixed');
    mkdirSync(functions);
    writeFileSync(join(functions, 'job.ts'), 'export const schema = 3;');
    const build = buildFunctions({ functions, out: join(folder, 'none'), policy });
    await expect(build).rejects.toThrow('job.ts exports no handler');
  });

  it('gives the same bytes for the same sources, whenever and in whichever zone it runs', async () => {
    const functions = join(FIXTURES, 'functions');
    const zone = process.env['TZ'];
    const first = await buildFunctions({ functions, out: join(folder, 'one'), policy });
    process.env['TZ'] = 'Pacific/Auckland';
    const second = await buildFunctions({ functions, out: join(folder, 'two'), policy });
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
    utimesSync(second[0]!.zip, 0, 0);
    expect(second.map(({ zip }) => digest(zip))).toEqual(first.map(({ zip }) => digest(zip)));
  });

  it('gives a worker the credentials of its environment and no other provider of the AWS SDK', async () => {
    const out = join(folder, 'real');
    const built = await buildFunctions({ out, policy });
    expect(built).toHaveLength(5);
    const { outputs } = JSON.parse(readFileSync(join(out, 'meta.json'), 'utf8')) as Metafile;
    const carried = new Set(Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs)));
    const providers = [...carried].flatMap(
      (file) => /(credential-provider-\w+|nested-clients|token-providers)\//.exec(file)?.[1] ?? [],
    );
    expect([...new Set(providers)]).toEqual(['credential-provider-env']);
  }, 60_000);

  it('gives alert-edge of the policy what it goes by, and no edge what loads CommonJS or the facade of a built-in', async () => {
    const out = join(folder, 'edges');
    const built = await buildFunctions({ out, policy, only: (name) => name.endsWith('-edge') });
    expect(built.map(({ name }) => name)).toEqual(['alert-edge', 'slack-edge']);
    const given = JSON.parse(readFileSync(join(out, 'alert-edge/policy.json'), 'utf8')) as unknown;
    expect(Object.keys(given as object)).toEqual(['profiles', 'alerts']);
    expect(readOpenDoors(given)).toEqual(readOpenDoors(JSON.parse(JSON.stringify(policy))));
    for (const { name } of built) {
      const code = readFileSync(join(out, name, 'index.mjs'), 'utf8');
      expect(code).toContain('process.getBuiltinModule("node:crypto")');
      expect(code).not.toMatch(/\brequire\b|\bimport\s*[{*"'(]|\bfrom\s*["']/);
    }
  });

  it('lets a policy be longer than the budget leaves room for', async () => {
    const functions = join(folder, 'long');
    mkdirSync(functions);
    writeFileSync(join(functions, 'alert-edge.ts'), 'export const handler = () => 1;');
    const sources = Array.from({ length: 3000 }, () => randomUUID());
    const long = { ...policy, alerts: { ...policy.alerts, sources } } as typeof policy;
    const [built] = await buildFunctions({ functions, out: join(folder, 'long-out'), policy: long });
    const zip = readFileSync(built!.zip);
    expect(() => assertWithinBudget('alert-edge', zip.length)).toThrow('weighs');
    expect(JSON.parse(Buffer.from(unzipSync(zip)['policy.json']!).toString())).toMatchObject({ alerts: { sources } });
  });

  it('refuses a zip that is heavier than its budget', () => {
    expect(() => assertWithinBudget('slack-edge', 10 * 1024)).not.toThrow();
    expect(() => assertWithinBudget('slack-edge', 30 * 1024)).toThrow('slack-edge.zip weighs 30 kB');
    expect(() => assertWithinBudget('another', 10_000_000)).not.toThrow();
  });

  it('refuses an edge that carries the AWS SDK', async () => {
    const build = buildFunctions({ functions: join(FIXTURES, 'edges'), out: join(folder, 'heavy'), policy });
    await expect(build).rejects.toThrow(/heavy-edge\.ts must not carry node_modules\/@(aws-sdk|smithy)\//);
  });

  it.each([
    ["a provider's client", "import { createProviders } from '#shared/tokens/providers.ts'; createProviders;"],
    ['zod', "import * as z from 'zod'; z.string().email();"],
    ['a web client', "import { request } from 'undici'; request('');"],
  ])('refuses an edge that carries %s', async (_, code) => {
    // Inside the project, where its names and packages resolve.
    const functions = join(import.meta.dirname, '../../../.build/heavy-edge');
    mkdirSync(functions, { recursive: true });
    onTestFinished(() => rmSync(functions, { recursive: true }));
    writeFileSync(join(functions, 'heavy-edge.ts'), `${code}\nexport const handler = () => 1;`);
    const build = buildFunctions({ functions, out: join(folder, 'heavy'), policy });
    await expect(build).rejects.toThrow(/heavy-edge\.ts must not carry (node_modules|shared)\//);
  });

  it.each([
    ['acme/client.ts', true],
    ['acme/facts.ts', true],
    ['facts.ts', true],
    ['clients.ts', true],
    ['acme/recogniser.ts', false],
    ['recognisers.ts', false],
    ['text/scrub.ts', false],
  ])('goes by convention for a provider that nobody has named yet: %s refused, %s', (file, isRefused) => {
    const inputs = { [`shared/providers/${file}`]: { bytesInOutput: 1 } };
    const output = { bytes: 1, inputs, imports: [], exports: [], entryPoint: 'functions/alert-edge.ts' };
    const check = () => assertLightEdges({ outputs: { 'index.mjs': output } });
    if (isRefused) expect(check).toThrow(`must not carry shared/providers/${file}`);
    else expect(check).not.toThrow();
  });

  it('keeps Bolt working without its receivers, which refuse to be made', async () => {
    await buildFunctions({ functions: join(FIXTURES, 'bolt'), out: join(folder, 'bolt'), policy });
    const bundle = join(folder, 'bolt/receiver/index.mjs');
    const { handler } = (await import(bundle)) as { handler: () => Promise<unknown> };
    expect(await handler()).toEqual({
      acked: ['list'],
      refused: [
        './receivers/AwsLambdaReceiver is left out of this bundle (infra/bundle-plugins.ts)',
        './receivers/ExpressReceiver is left out of this bundle (infra/bundle-plugins.ts)',
      ],
    });
    expect(readFileSync(bundle).length).toBeLessThan(300_000);
  });
});
