import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { build } from 'esbuild';
import { zipSync } from 'fflate';
import { orExit, readCommandLine, wholeNumber } from '#infra/command-line.ts';
import { buildFunctions } from '#infra/build.ts';
import { loadPolicy } from '#infra/policy.ts';
import { readDeployment } from '#infra/sandbox/lambda/deployment.ts';
import { startEdgeSurroundings } from '#test/support/edge-surroundings.ts';
import { putSection } from './section.ts';

const FIGURES = join(import.meta.dirname, '../../docs/bench.md');
/** The switches of Lambda's own managed runtime. */
const SWITCHES = ['--no-experimental-require-module', '--no-experimental-detect-module'];

/** Lambda gives a whole processor at this size. */
const MB_PER_PROCESSOR = 1769;
const BARE = 'node -e 0';
const DOCUMENTED = 'as documented';

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

const USAGE = `npm run bench:cold -- [options]

Starts each bundle again and again and measures it.

  --rounds N   how often (25)
  --write      put the figures into docs/bench.md
`;

const options = orExit(() => {
  const { values } = readCommandLine({
    usage: USAGE,
    options: { rounds: { type: 'string', default: '25' }, write: { type: 'boolean', default: false } },
  });
  return { rounds: wholeNumber('--rounds', values.rounds), write: values.write };
});

/** One thing that is started again and again. */
interface Variant {
  readonly name: string;
  /** Absent for Node alone. */
  readonly bundle?: { readonly file: string; readonly zipBytes: number };
  readonly event: () => Promise<string>;
}

/** One start: milliseconds (`…Cpu`: of processor time), and MB of memory at most. */
interface Start {
  readonly load: number;
  readonly loadCpu: number;
  readonly first: number;
  readonly firstCpu: number;
  readonly second: number;
  readonly memory: number;
  /** From the spawn of the process to its end, with both calls. */
  readonly wall: number;
}

const today = new Date().toISOString().slice(0, 10);
const [load = 0] = loadavg();
const folder = mkdtempSync(join(tmpdir(), 'patrol-cold-'));
const around = await startEdgeSurroundings(folder);
try {
  const variants = await buildVariants();
  const starts = new Map(variants.map(({ name }) => [name, [] as Start[]]));
  // The first round warms the machine's file cache and is not counted. Rounds are shuffled, so that load from elsewhere hits all alike.
  for (let round = 0; round <= options.rounds; round += 1) {
    for (const variant of shuffled(variants)) {
      const start = await measure(variant);
      if (round > 0) starts.get(variant.name)?.push(start);
    }
  }
  const text = report(variants, starts);
  console.log(text);
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
  const documented = join(folder, 'documented', 'index.cjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'as-documented.ts')],
    outfile: documented,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    logLevel: 'error',
  });
  const zipBytes = zipSync({ 'index.cjs': readFileSync(documented) }, { level: 9 }).length;
  return [
    { name: BARE, event: async () => '' },
    edge('slack-edge', around.command),
    edge('alert-edge', around.alert),
    { name: DOCUMENTED, bundle: { file: documented, zipBytes }, event: around.command },
  ];
}

async function measure({ name, bundle, event }: Variant): Promise<Start> {
  const given = await event();
  const args = bundle === undefined ? ['-e', '0'] : ['--input-type=module', '-e', PROBE, bundle.file, given];
  const stored = await around.stored();
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...SWITCHES, ...args], { env: around.environment, cwd: folder });
  const [stdout, stderr] = await Promise.all([readAll(child.stdout), readAll(child.stderr)]);
  const wall = performance.now() - startedAt;
  if (bundle === undefined) return { load: 0, loadCpu: 0, first: 0, firstCpu: 0, second: 0, memory: 0, wall };
  const line = stdout.split('\n').at(-1) ?? '';
  const { status, ...times } = JSON.parse(line === '' ? '{}' : line) as Omit<Start, 'wall'> & { status?: number };
  // A function that refuses is fast; it would be measured for the wrong thing.
  if (status !== 200 || (await around.stored()) !== stored + 2) {
    throw new Error(`${name} did not do its work: status ${status} ${stdout} ${stderr}`);
  }
  return { ...times, wall };
}

function report(variants: readonly Variant[], starts: ReadonlyMap<string, readonly Start[]>): string {
  const middle = (name: string, of: (start: Start) => number): number => median((starts.get(name) ?? []).map(of));
  const both = ({ load, first }: Start) => load + first;
  const processor = ({ loadCpu, firstCpu }: Start) => loadCpu + firstCpu;
  const rows = variants.map(({ name, bundle }) => {
    const wall = middle(name, (start) => start.wall);
    const bare = `${milliseconds(wall)} | × ${(wall / middle(BARE, (start) => start.wall)).toFixed(2)}`;
    if (bundle === undefined) return `| \`${name}\` | | | | | | | | | | | ${bare} |`;
    const times = (of: (start: Start) => number) => `× ${(middle(name, of) / middle(DOCUMENTED, of)).toFixed(2)}`;
    return [
      `| ${name} | ${kilobytes(statSync(bundle.file).size)} | ${kilobytes(bundle.zipBytes)}`,
      milliseconds(middle(name, (start) => start.load)),
      milliseconds(middle(name, (start) => start.first)),
      `**${milliseconds(middle(name, both))}** | ${times(both)}`,
      `${milliseconds(middle(name, processor))} | ${times(processor)}`,
      milliseconds(middle(name, (start) => start.second)),
      `${middle(name, (start) => start.memory).toFixed(0)} MB | ${bare} |`,
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
    `${today}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, Node ${process.versions.node}, load average ${load.toFixed(1)} before the start; medians of ${options.rounds} fresh processes each, in shuffled rounds (\`npm run bench:cold\`).`,
    'Secrets Manager, SQS and Slack are local stand-ins behind TLS: no network is in it, nor the start of Lambda’s own sandbox. Each call was answered 2xx and is in the queue.',
    '"As documented" is slack-edge done with Bolt’s Lambda receiver and the AWS SDK in one minified bundle (`test/bench/as-documented.ts`); ratios behind a column compare with it. Where the machine has other work, the processor’s time is truer than the clock’s.',
    '',
    '| | bundle | zip | load (init) | first call | both | | processor, both | | second call | memory | process | of `node -e 0` |',
    '|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|',
    ...rows,
    '',
    `After the init Lambda gives a function its memory’s part of a processor. The first call needs of it: ${throttled.join('; ')}. Slack waits 3 s.`,
  ].join('\n');
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
