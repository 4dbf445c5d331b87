import { tellSteps } from '#infra/tell-steps.ts';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { build } from 'esbuild';
import { buildFunctions } from '#infra/build.ts';
import { loadPolicy } from '#infra/policy.ts';
import { zipFiles } from '#infra/zip-files.ts';
import { readDeployment } from '#infra/sandbox/lambda/deployment.ts';
import { startEdgeSurroundings } from '#test/support/edge-surroundings.ts';
import { measuredOn } from './measured-on.ts';
import { putSection } from './section.ts';
import { readStartOptions } from './start-options.ts';

const FIGURES = join(import.meta.dirname, '../../docs/bench.md');
/** The switches of Lambda's own managed runtime. */
const SWITCHES = ['--no-experimental-require-module', '--no-experimental-detect-module'];

/** Lambda gives a whole processor at this size. */
const MB_PER_PROCESSOR = 1769;
const BARE = 'node -e 0';
const FLOOR = 'floor';
const DOCUMENTED = 'as documented';
/** npm's package of that name, without a secret to read and a queue, and with them. */
const NPM = 'npm slack-edge';
const NPM_AT_WORK = 'npm slack-edge, equal work';

/** Bash's own clock of a child: the processor's time of the whole process, with its start and its end, in seconds. */
const TIMED = 'TIMEFORMAT="%3R %3U %3S"; time "$@"';

/** Loads a bundle and gives it the same event twice, as Lambda would; the last line printed holds the milliseconds. */
const PROBE = `
const [file, event] = process.argv.slice(1);
const context = (awsRequestId) => ({ awsRequestId });
const processor = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
const marks = [];
const mark = () => marks.push([performance.now(), processor()]);
mark();
const { handler } = await import(file);
mark();
const answers = [await handler(JSON.parse(event), context('first'))];
mark();
answers.push(await handler(JSON.parse(event), context('second')));
mark();
const between = marks.slice(1).map(([time, used], index) => [time - marks[index][0], used - marks[index][1]]);
const [[load, loadCpu], [first, firstCpu], [second]] = between;
const status = answers.find(({ statusCode }) => !(statusCode < 300))?.statusCode ?? 200;
const memory = process.resourceUsage().maxRSS / 1024;
process.stdout.write('\\n' + JSON.stringify({ load, loadCpu, first, firstCpu, second, memory, status }), () => process.exit(0));`;

const options = readStartOptions('bench:cold', 'Starts each bundle again and again and measures it.', 25);

interface Bundle {
  readonly file: string;
  readonly zipBytes: number;
}

/** One thing that is started again and again. */
interface Variant {
  readonly name: string;
  /** Absent for Node alone. */
  readonly bundle?: Bundle;
  readonly event: () => Promise<string>;
  /** How many messages its two calls store; 2 unless told. */
  readonly stores?: number;
}

export interface Medians {
  readonly both: number;
  readonly process: number;
}

/** One start: milliseconds (`…Cpu`: of processor time), and MB of memory at most. */
interface Start {
  readonly load: number;
  readonly loadCpu: number;
  readonly first: number;
  readonly firstCpu: number;
  readonly second: number;
  readonly memory: number;
  /** Of the whole process, from its start to its end, with both calls. */
  readonly wall: number;
  readonly processor: number;
}

const folder = mkdtempSync(join(tmpdir(), 'patrol-cold-'));
const step = tellSteps(console.error);
step('Building what is started');
const around = await startEdgeSurroundings(folder);
try {
  const variants = await buildVariants();
  const starts = new Map(variants.map(({ name }) => [name, [] as Start[]]));
  // The first round warms the machine's file cache and is not counted. Rounds are shuffled, so that load from elsewhere hits all alike.
  for (let round = 0; round <= options.rounds; round += 1) {
    step(`Round ${round} of ${options.rounds}`);
    for (const variant of shuffled(variants)) {
      const start = await measure(variant);
      if (round > 0) starts.get(variant.name)?.push(start);
    }
  }
  const text = report(variants, starts);
  console.log(text);
  if (options.json !== undefined) writeFileSync(options.json, JSON.stringify(medians(starts)));
  if (options.write) putSection(FIGURES, 'Cold start', text);
} finally {
  await around.close();
  rmSync(folder, { recursive: true });
}

async function buildVariants(): Promise<readonly Variant[]> {
  const built = await buildFunctions({ policy: loadPolicy(), out: join(folder, 'dist') });
  const edge = (name: string, event: () => Promise<string>): Variant => {
    const zip = built.find((each) => each.name === name)?.zip ?? '';
    const file = join(folder, 'dist', name, 'index.mjs');
    return { name, bundle: { file, zipBytes: statSync(zip).size }, event };
  };
  return [
    { name: BARE, event: async () => '' },
    { name: FLOOR, bundle: await bundle('floor.ts', 'esm'), event: around.command },
    edge('slack-edge', around.command),
    edge('alert-edge', around.alert),
    { name: NPM, bundle: await bundle('npm-slack-edge.ts', 'esm'), event: around.command, stores: 0 },
    { name: NPM_AT_WORK, bundle: await bundle('npm-slack-edge-at-work.ts', 'cjs'), event: around.command },
    { name: DOCUMENTED, bundle: await bundle('as-documented.ts', 'cjs'), event: around.command },
  ];
}

/** Bundles what is measured beside the edges. */
async function bundle(name: string, format: 'esm' | 'cjs'): Promise<Bundle> {
  const inner = `index.${format === 'esm' ? 'mjs' : 'cjs'}`;
  const file = join(folder, name, inner);
  await build({
    entryPoints: [join(import.meta.dirname, name)],
    outfile: file,
    bundle: true,
    minify: true,
    platform: 'node',
    format,
    target: 'node24',
    logLevel: 'error',
  });
  return { file, zipBytes: zipFiles({ [inner]: readFileSync(file) }).length };
}

async function measure({ name, bundle, event, stores = 2 }: Variant): Promise<Start> {
  const given = await event();
  const args = bundle === undefined ? ['-e', '0'] : ['--input-type=module', '-e', PROBE, bundle.file, given];
  const stored = await around.stored();
  const command = ['--norc', '-c', TIMED, 'bash', process.execPath, ...SWITCHES, ...args];
  const child = spawn('/bin/bash', command, {
    env: { ...around.environment, SLACK_SIGNING_SECRET: around.signingSecret },
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = await Promise.all([readAll(child.stdout), readAll(child.stderr)]);
  const [wall = NaN, user = NaN, system = NaN] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(milli);
  const whole = { wall, processor: user + system };
  if (bundle === undefined) return { load: 0, loadCpu: 0, first: 0, firstCpu: 0, second: 0, memory: 0, ...whole };
  const line = stdout.split('\n').at(-1) ?? '';
  const { status, ...times } = JSON.parse(line === '' ? '{}' : line) as Omit<Start, 'wall'> & { status?: number };
  // A function that refuses is fast; it would be measured for the wrong thing.
  if (status !== 200 || (await around.stored()) !== stored + stores) {
    throw new Error(`${name} did not do its work: status ${status} ${stdout} ${stderr}`);
  }
  return { ...times, ...whole };
}

/** Milliseconds of the seconds that bash wrote. */
function milli(seconds: string): number {
  return Number(seconds) * 1000;
}

function report(variants: readonly Variant[], starts: ReadonlyMap<string, readonly Start[]>): string {
  const middle = (name: string, of: (start: Start) => number): number => median((starts.get(name) ?? []).map(of));
  const both = ({ load, first }: Start) => load + first;
  const processor = ({ loadCpu, firstCpu }: Start) => loadCpu + firstCpu;
  const rows = variants.map(({ name, bundle }) => {
    const of = (other: string, what: (start: Start) => number) =>
      Number.isNaN(middle(other, what)) ? '' : `× ${(middle(name, what) / middle(other, what)).toFixed(2)}`;
    const used = (start: Start) => start.processor;
    const whole = `${milliseconds(middle(name, used))} | ${of(BARE, used)}`;
    if (bundle === undefined) return `| \`${name}\` | | | | | | | | | | ${whole} | |`;
    return [
      `| ${name} | ${kilobytes(statSync(bundle.file).size)} | ${kilobytes(bundle.zipBytes)}`,
      milliseconds(middle(name, (start) => start.load)),
      milliseconds(middle(name, (start) => start.first)),
      `${milliseconds(middle(name, both))} | **${milliseconds(middle(name, processor))}** | ${of(DOCUMENTED, processor)}`,
      milliseconds(middle(name, (start) => start.second)),
      `${middle(name, (start) => start.memory).toFixed(0)} MB | ${whole} | ${of(FLOOR, used)} |`,
    ].join(' | ');
  });
  const throttled = readDeployment().functions.flatMap(({ name, memoryMb }) => {
    const used = middle(name, (start) => start.firstCpu);
    const taken = milliseconds((used * MB_PER_PROCESSOR) / memoryMb);
    return Number.isNaN(used)
      ? []
      : [`${name} ${milliseconds(used)}, which take about ${taken} with its ${memoryMb} MB`];
  });
  return [
    `${measuredOn()}; medians of ${options.rounds} fresh processes each, in shuffled rounds (\`npm run bench:cold\`).`,
    'Secrets Manager, SQS and Slack are local stand-ins behind TLS: no network is in it, nor the start of Lambda’s own sandbox. Each call was answered 2xx and is in the queue.',
    'Ratios are of the processor’s time, which other work on the machine hardly changes; between runs neither ratios nor times compare well.',
    '"As documented" is slack-edge done with Bolt’s Lambda receiver and the AWS SDK in one minified bundle (`test/bench/as-documented.ts`). The floor is the least that acknowledges a command: its signature, one secret and one message, by hand on two TLS connections (`test/bench/floor.ts`). npm’s slack-edge has its secret in the environment and queues nothing, and at equal work reads one secret and queues one message with the AWS SDK.',
    '',
    '| | bundle | zip | load (init) | first call | both | processor, both | of documented | second call | memory | processor, whole process | of `node -e 0` | of the floor |',
    '|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|',
    ...rows,
    '',
    `After the init Lambda gives a function its memory’s part of a processor. The first call needs of it: ${throttled.join('; ')}. Slack waits 3 s.`,
  ].join('\n');
}

/** Milliseconds of processor of each variant: of its init and first call, and of the whole process. */
function medians(starts: ReadonlyMap<string, readonly Start[]>): Readonly<Record<string, Medians>> {
  return Object.fromEntries(
    [...starts].map(([name, all]) => [
      name,
      {
        both: median(all.map(({ loadCpu, firstCpu }) => loadCpu + firstCpu)),
        process: median(all.map(({ processor }) => processor)),
      },
    ]),
  );
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function shuffled<T>(items: readonly T[]): readonly T[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .toSorted((left, right) => left.at - right.at)
    .map(({ item }) => item);
}

function milliseconds(value: number): string {
  return `${value.toFixed(1)} ms`;
}

function kilobytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024)} kB`;
}
