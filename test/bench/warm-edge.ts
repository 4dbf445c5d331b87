import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { orExit, readCommandLine, wholeNumber } from '#infra/command-line.ts';
import { builtinsWithoutFacade } from '#infra/bundle-plugins.ts';
import { measuredOn } from './measured-on.ts';
import { putSection } from './section.ts';

const FIGURES = join(import.meta.dirname, '../../docs/bench.md');

const USAGE = `npm run bench:warm -- [options]

Measures how many signed slash commands a warm edge takes in a second of processor time, beside Bolt's Lambda receiver that
verifies and acknowledges the same ones. Ours verifies, reads, seals, makes the job and signs it for the queue; neither sends.

  --rounds N   how often each, in turn and in a process of its own (7)
  --calls N    how many commands in a round (20000)
  --write      put the figures into docs/bench.md
`;

const options = orExit(() => {
  const { values } = readCommandLine({
    usage: USAGE,
    options: {
      rounds: { type: 'string', default: '7' },
      calls: { type: 'string', default: '20000' },
      write: { type: 'boolean', default: false },
    },
  });
  return {
    rounds: wholeNumber('--rounds', values.rounds),
    calls: wholeNumber('--calls', values.calls),
    write: values.write,
  };
});

const KINDS = ['ours', 'bolt'] as const;
const folder = mkdtempSync(join(tmpdir(), 'patrol-warm-'));
try {
  const file = join(folder, 'warm.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'warm-call.ts')],
    outfile: file,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    logLevel: 'error',
    banner: { js: "import{createRequire as $r}from'node:module';const require=$r(import.meta.url);" },
    plugins: [builtinsWithoutFacade],
  });
  const found = new Map(KINDS.map((kind) => [kind, [] as number[]]));
  for (let round = 0; round < options.rounds; round += 1) {
    for (const kind of round % 2 === 0 ? KINDS : KINDS.toReversed()) found.get(kind)?.push(measure(file, kind));
  }
  const [ours = NaN, bolt = NaN] = KINDS.map((kind) => median(found.get(kind) ?? []));
  const text = report({ ours, bolt });
  console.log(text);
  if (options.write) putSection(FIGURES, 'Warm edge', text);
} finally {
  rmSync(folder, { recursive: true });
}

/** Of microseconds of processor for one call. */
function report({ ours, bolt }: Readonly<Record<(typeof KINDS)[number], number>>): string {
  const row = (name: string, micros: number) =>
    `| ${name} | ${micros.toFixed(1)} µs | ${Math.round(1e6 / micros)} | ${(bolt / micros).toFixed(2)} |`;
  return [
    `${measuredOn()}; medians of ${options.rounds} processes each, in turn, with ${options.calls} signed slash commands in each (\`npm run bench:warm\`).`,
    'Ours verifies, reads, seals, makes the job and signs it for the queue; Bolt’s Lambda receiver verifies and acknowledges. Neither sends.',
    '',
    '| | processor, each call | calls a second of processor | of Bolt |',
    '|---|--:|--:|--:|',
    row('slack-edge, all but the call to the queue', ours),
    row('Bolt, verified and acknowledged', bolt),
  ].join('\n');
}

/** Microseconds of processor of one call. */
function measure(file: string, kind: string): number {
  const { stdout, stderr, status } = spawnSync(process.execPath, [file, kind, String(options.calls)], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (status !== 0) throw new Error(`${kind} ended with ${String(status)}\n${stderr}`);
  return Number(stdout.trim().split('\n').at(-1));
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? NaN;
}
