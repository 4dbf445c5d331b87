import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import type { Plugin } from 'esbuild';
import { buildFunctions, bundleWorker } from '#infra/build.ts';
import { loadPolicy } from '#infra/policy.ts';
import { tellSteps } from '#infra/tell-steps.ts';
import { zipFiles } from '#infra/zip-files.ts';
import { startWorkerSurroundings, type WorkerSurroundings } from '#test/support/worker-surroundings.ts';
import { measuredOn } from './measured-on.ts';
import { putSection } from './section.ts';
import { readStartOptions } from './start-options.ts';

const FIGURES = join(import.meta.dirname, '../../docs/bench.md');
const PROJECT = join(import.meta.dirname, '../..');
/** The switches of Lambda's own managed runtime. */
const SWITCHES = ['--no-experimental-require-module', '--no-experimental-detect-module'];
const WORKERS = ['alert-worker', 'slack-worker'] as const;
type Worker = (typeof WORKERS)[number];

const options = readStartOptions(
  'bench:worker',
  'Starts each worker again and again, as it is and as it was, and measures it from one job to its first call to a provider.',
  7,
);

/**
 * Loads a bundle, gives it one event, and marks when the head of its first request to the provider was written; the last line
 * printed holds the milliseconds.
 */
const PROBE = `
import { subscribe } from 'node:diagnostics_channel';
const [file, event, origin] = process.argv.slice(2);
const processor = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
const mark = () => [performance.now(), processor()];
let reached;
subscribe('undici:client:sendHeaders', ({ request }) => { if (request.origin === origin) reached ??= mark(); });
const start = mark();
const { handler } = await import(file);
const loaded = mark();
const answer = await handler(JSON.parse(event), { awsRequestId: 'first', getRemainingTimeInMillis: () => 60000 });
const between = (from, to = [NaN, NaN]) => [to[0] - from[0], to[1] - from[1]];
const [[load, loadCpu], [first, firstCpu], [all, allCpu]] = [between(start, loaded), between(loaded, reached), between(loaded, mark())];
const memory = process.resourceUsage().maxRSS / 1024;
process.stdout.write('\\n' + JSON.stringify({ load, loadCpu, first, firstCpu, all, allCpu, memory, failed: answer.batchItemFailures.length }), () => process.exit(0));`;

/** One start: milliseconds (`…Cpu`: of processor time), and MB of memory at most. */
interface Start {
  readonly load: number;
  readonly loadCpu: number;
  /** From the event to the first request to the provider. */
  readonly first: number;
  readonly firstCpu: number;
  /** To the end of the job. */
  readonly all: number;
  readonly allCpu: number;
  readonly memory: number;
}

interface Variant {
  readonly worker: Worker;
  readonly how: 'as it is' | 'as it was';
  readonly file: string;
  readonly zipBytes: number;
}

/** Each secret by calls of its own, with the version before. */
const ONE_BY_ONE = `
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { Secret } from '#shared/core/secret.ts';
export function createSdkAsk(client) {
  const versionOf = (SecretId, VersionStage) => client.send(new GetSecretValueCommand({ SecretId, VersionStage }));
  return async (names) => {
    const answers = new Map();
    for (const name of names) {
      const before = versionOf(name, 'AWSPREVIOUS').catch(() => undefined);
      answers.set(name, new Secret((await versionOf(name, 'AWSCURRENT')).SecretString));
      await before;
    }
    return answers;
  };
}`;

/**
 * What a worker was before: nothing is built in the init, each secret is read by a call of its own when it is asked for, and the
 * SDK looks for credentials in all of its ways. Made of the sources of today, so that nothing else differs.
 */
const asItWas: Plugin = {
  name: 'as-it-was',
  setup(build) {
    build.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, () => ({
      path: join(PROJECT, 'node_modules/@aws-sdk/credential-provider-node/dist-es/index.js'),
    }));
    edit(/start-on-event\.ts$/, [/await Promise\.race\(\[start\(\).*?\]\);/s]);
    edit(/runtime\/worker\.ts$/, [/void Promise\.allSettled\(early\.map.*?\);\n/s, / warm\(store\);/]);
    build.onLoad({ filter: /secrets\/sdk-ask\.ts$/ }, () => ({ contents: ONE_BY_ONE, loader: 'ts' }));

    function edit(filter: RegExp, without: readonly RegExp[]): void {
      build.onLoad({ filter }, ({ path }) => {
        const source = readFileSync(path, 'utf8');
        const missing = without.find((part) => !part.test(source));
        if (missing !== undefined) throw new Error(`there is nothing like ${missing} in ${path}`);
        return { contents: without.reduce((text, part) => text.replace(part, ''), source), loader: 'ts' };
      });
    }
  },
};

const folder = mkdtempSync(join(tmpdir(), 'patrol-worker-'));
// A file, since a worker's thread would take what is given to Node instead of one for its own.
const probe = join(folder, 'probe.mjs');
writeFileSync(probe, PROBE);
const step = tellSteps(console.error);
step('Building what is started');
const around = await startWorkerSurroundings(folder);
try {
  const variants = await buildVariants();
  const starts = new Map(variants.map((variant) => [variant, [] as Start[]]));
  // The first round warms the machine's file cache and is not counted. Rounds are shuffled, so that load from elsewhere hits all alike.
  for (let round = 0; round <= options.rounds; round += 1) {
    step(`Round ${round} of ${options.rounds}`);
    for (const variant of variants.toSorted(() => Math.random() - 0.5)) {
      const start = await measure(around, variant);
      if (round > 0) starts.get(variant)?.push(start);
    }
  }
  const text = report(variants, starts);
  console.log(text);
  if (options.json !== undefined) writeFileSync(options.json, JSON.stringify(ratios(variants, starts)));
  if (options.write) putSection(FIGURES, 'Cold worker', text);
} finally {
  await around.close();
  rmSync(folder, { recursive: true });
}

async function buildVariants(): Promise<readonly Variant[]> {
  const dist = join(folder, 'dist');
  const { alerts, ...policy } = loadPolicy();
  const brake = { ...alerts.brake, kills: 1000 };
  const built = await buildFunctions({ policy: { ...policy, alerts: { ...alerts, brake } }, out: dist });
  const was = join(folder, 'was');
  const variants: Variant[] = [];
  for (const worker of WORKERS) {
    const zip = built.find(({ name }) => name === worker)?.zip ?? '';
    variants.push({ worker, how: 'as it is', file: join(dist, worker, 'index.mjs'), zipBytes: statSync(zip).size });
    await bundleWorker(was, join(PROJECT, `functions/${worker}.ts`), [asItWas]);
    for (const file of ['policy.json', 'watchdog.mjs']) {
      copyFileSync(join(dist, worker, file), join(was, worker, file));
    }
    const file = join(was, worker, 'index.mjs');
    variants.push({ worker, how: 'as it was', file, zipBytes: zipFiles({ 'index.mjs': readFileSync(file) }).length });
  }
  return variants;
}

async function measure(surroundings: WorkerSurroundings, { worker, file }: Variant): Promise<Start> {
  const { event, id } = surroundings.kill(worker);
  const args = [probe, file, event, new URL(surroundings.provider).origin];
  const child = spawn(process.execPath, [...SWITCHES, ...args], {
    env: { ...surroundings.environmentOf(worker) },
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = await Promise.all([readAll(child.stdout), readAll(child.stderr)]);
  const line = stdout.split('\n').at(-1) ?? '';
  const { failed, ...times } = JSON.parse(line === '' ? '{}' : line) as Start & { readonly failed?: number };
  // A worker that gives its job back is fast; it would be measured for the wrong thing.
  if (failed !== 0 || surroundings.isAlive(id))
    throw new Error(`${file} did not do its work: ${stdout.slice(-1000)} ${stderr.slice(-1000)}`);
  return times;
}

function report(variants: readonly Variant[], starts: ReadonlyMap<Variant, readonly Start[]>): string {
  const was = (variant: Variant) =>
    variants.find(({ worker, how }) => worker === variant.worker && how === 'as it was');
  const rows = variants.map((variant) => {
    const middle = (of: (start: Start) => number, one: Variant | undefined = variant) =>
      median((one === undefined ? [] : (starts.get(one) ?? [])).map(of));
    const ratio = (of: (start: Start) => number) => `× ${(middle(of) / middle(of, was(variant))).toFixed(2)}`;
    const both = ({ loadCpu, firstCpu }: Start) => loadCpu + firstCpu;
    return [
      `| ${variant.worker}, ${variant.how} | ${Math.ceil(variant.zipBytes / 1024)} kB`,
      milliseconds(middle((start) => start.load)),
      `**${milliseconds(middle((start) => start.first))}** | ${ratio((start) => start.first)}`,
      `**${milliseconds(middle((start) => start.firstCpu))}** | ${ratio((start) => start.firstCpu)}`,
      `${milliseconds(middle(both))} | ${ratio(both)}`,
      milliseconds(middle((start) => start.all)),
      `${middle((start) => start.memory).toFixed(0)} MB |`,
    ].join(' | ');
  });
  return [
    `${measuredOn()}; medians of ${options.rounds} fresh processes each, in shuffled rounds (\`npm run bench:worker\`).`,
    'A cold worker is given one job; what is measured ends when the head of its first request to LangSmith is written. Secrets Manager, DynamoDB, SQS, Slack and LangSmith are local stand-ins behind TLS: no network is in it, nor the start of Lambda’s own sandbox. Each job was a kill, and the token was dead after it.',
    '"As it was" is the same source with nothing built in the init, each secret read by calls of its own when it is asked for, and the AWS SDK’s whole chain of credentials; neither is throttled here, as a job is on Lambda after the init.',
    '',
    '| | zip | load (init) | job to first call to the provider | of as it was | its processor | of as it was | processor, init and that | of as it was | whole job | memory |',
    '|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|',
    ...rows,
  ].join('\n');
}

/** Of each worker, from the job to its first call, of what it was: by the clock, and in processor time. */
function ratios(
  variants: readonly Variant[],
  starts: ReadonlyMap<Variant, readonly Start[]>,
): Readonly<Record<string, number>> {
  const of = (worker: Worker, how: Variant['how'], what: 'first' | 'firstCpu') => {
    const variant = variants.find((one) => one.worker === worker && one.how === how);
    return median((variant === undefined ? [] : (starts.get(variant) ?? [])).map((start) => start[what]));
  };
  return Object.fromEntries(
    WORKERS.flatMap((worker) =>
      (['first', 'firstCpu'] as const).map((what) => [
        `${worker}, ${what === 'first' ? 'clock' : 'processor'}`,
        of(worker, 'as it is', what) / of(worker, 'as it was', what),
      ]),
    ),
  );
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function milliseconds(value: number): string {
  return `${value.toFixed(1)} ms`;
}
