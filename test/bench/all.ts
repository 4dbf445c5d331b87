import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { orExit, readCommandLine } from '#infra/command-line.ts';
import type { Medians } from './cold-start.ts';

/** One part of the default set: its script with its options, and what it writes. */
interface Part {
  readonly name: string;
  readonly script: string;
  readonly options: readonly string[];
}

const PARTS: readonly Part[] = [
  { name: 'cold starts', script: 'cold-start.ts', options: ['--rounds', '9'] },
  { name: 'cold workers', script: 'cold-worker.ts', options: ['--rounds', '5'] },
  { name: 'time to proof', script: 'time-to-proof.ts', options: ['--kills', '15'] },
];

const USAGE = `npm run bench

Measures cold starts, cold workers and the time to proof, and prints them beside their goals. Writes nothing.
`;
orExit(() => readCommandLine({ usage: USAGE, options: {} }));

const folder = mkdtempSync(join(tmpdir(), 'patrol-bench-all-'));
const began = Date.now();
try {
  const [load = 0] = loadavg();
  console.log(
    `${new Date().toISOString()}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? ''}, load ${load.toFixed(1)}`,
  );
  for (const [index, part] of PARTS.entries()) {
    console.log(`\n[${index + 1}/${PARTS.length}] ${part.name}, ${seconds()} s after the start`);
    await run(part);
  }
  console.log(`\n${report().join('\n')}\n\n${seconds()} s in all`);
} finally {
  rmSync(folder, { recursive: true });
}

function seconds(): number {
  return Math.round((Date.now() - began) / 1000);
}

function fileOf({ script }: Part): string {
  return join(folder, `${script}.json`);
}

async function run(part: Part): Promise<void> {
  const args = [join(import.meta.dirname, part.script), ...part.options, '--json', fileOf(part)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`${part.script} ended with ${String(code)}`);
}

function report(): readonly string[] {
  const [cold, workers, proof] = PARTS.map((part) => JSON.parse(readFileSync(fileOf(part), 'utf8')) as unknown);
  const starts = cold as Readonly<Record<string, Medians>>;
  const proofs = proof as Readonly<Record<string, number>>;
  const of = (name: string, other: string, what: keyof Medians) =>
    ((starts[name]?.[what] ?? NaN) / (starts[other]?.[what] ?? NaN)).toFixed(2);
  const least: Readonly<Record<string, number>> = { dfns: 500, langsmith: 300 };
  return [
    '| figure | measured | goal |',
    '|---|--:|--:|',
    `| cold slack-edge, processor, of Bolt + SDK as documented | ${of('slack-edge', 'as documented', 'both')} | ≤ 0.20 |`,
    `| … of the floor, whole process | ${of('slack-edge', 'floor', 'process')} | ≤ 1.25 |`,
    `| … of npm slack-edge bare, whole process | ${of('slack-edge', 'npm slack-edge', 'process')} | ≤ 1.0 |`,
    `| … of npm slack-edge at equal work | ${of('slack-edge', 'npm slack-edge, equal work', 'process')} | ≤ 1.0 |`,
    `| cold alert-edge, of the floor | ${of('alert-edge', 'floor', 'process')} | |`,
    ...Object.entries(workers as Readonly<Record<string, number>>).map(
      ([worker, ratio]) =>
        `| cold ${worker}, job to first call to the provider, of as it was | ${ratio.toFixed(2)} | ≤ 0.50 |`,
    ),
    ...Object.entries(proofs).map(([kind, p50]) => {
      const ratio = p50 / (least[kind.split(' ')[0] ?? ''] ?? NaN);
      return `| proof at 100 ms and AWS 5 ms, of the protocol's minimum: ${kind} | ${ratio.toFixed(2)} (${p50} ms) | ≤ 1.15 |`;
    }),
  ];
}
