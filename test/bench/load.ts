import { tellSteps } from '#infra/tell-steps.ts';
import { cpus, loadavg, setPriority } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { orExit, readCommandLine, wholeNumber } from '#infra/command-line.ts';
import type { StandInToken } from '#infra/sandbox/kit/stand-in.ts';
import { silencePolicy, startTestSandbox, type TestSandbox } from '#test/support/sandbox.ts';
import { createTalk, wordsOf } from '#test/support/slack-talk.ts';
import { type Aftermath, runStorm } from '#test/support/storm.ts';
import { leaked, startWorkerRig, typed } from '#test/support/worker-rig.ts';
import { createHeapProbe } from './heap-probe.ts';
import { processesOf } from './resident-memory.ts';
import { putSection } from './section.ts';

const FIGURES = join(import.meta.dirname, '../../docs/bench.md');

const USAGE = `npm run bench:load -- [options]

Floods the whole sandbox with alerts while people go on asking, compares their waiting with an idle sandbox, and gives one
process of each worker very many jobs.

  --alerts N        how many, all at once (2000)
  --commands N      how many, with and without the flood (500)
  --per-second N    how many of these a second (4)
  --jobs N          how many for one process of each worker (20000)
  --write           put the figures into docs/bench.md
`;

const { alerts, commands, perSecond, jobs, write } = orExit(() => {
  const { values } = readCommandLine({
    usage: USAGE,
    options: {
      alerts: { type: 'string', default: '2000' },
      commands: { type: 'string', default: '500' },
      'per-second': { type: 'string', default: '4' },
      jobs: { type: 'string', default: '20000' },
      write: { type: 'boolean', default: false },
    },
  });
  return {
    alerts: wholeNumber('--alerts', values.alerts),
    commands: wholeNumber('--commands', values.commands),
    perSecond: wholeNumber('--per-second', values['per-second']),
    jobs: wholeNumber('--jobs', values.jobs),
    write: values.write,
  };
});

/** Every so manyth command changes its token; the others look at theirs. */
const CHANGING = 10;
/** After so long what was not answered is lost. */
const LONGEST_WAIT_MS = 600_000;
/** How much slower people may be answered while a flood runs. */
const MOST_SLOWER = 2;
/** As a nice value. */
const YIELDING = 15;
/** How much larger the heap of a process may be at the end than when it had done a quarter of its jobs. */
const MOST_LARGER = 1.1;

interface Waited {
  /** Milliseconds until Slack had its 200, and until the answer was said. */
  readonly acknowledged: readonly number[];
  readonly replied: readonly number[];
  readonly wrong: readonly string[];
}

const load = loadavg()[0] ?? 0;
const step = tellSteps(console.error);
step('People alone, then people in a flood');
const [idle, flooded, storm] = await floodPeople();
step('Memory over many jobs');
const memories = await memoryOf();
const wrong = [...idle.wrong, ...flooded.wrong, ...storm.wrong];
for (const sentence of wrong.slice(0, 20)) console.error(sentence);
const text = report();
console.log(`\n${text}`);
if (write) putSection(FIGURES, 'Load', text);
const isQuick = ratio('acknowledged') <= MOST_SLOWER && ratio('replied') <= MOST_SLOWER;
const isFlat = memories.every(
  ({ heaps: [early = 0, , late = Number.POSITIVE_INFINITY] }) => late <= early * MOST_LARGER,
);
process.exitCode = wrong.length === 0 && isQuick && isFlat ? 0 : 1;

async function floodPeople(): Promise<readonly [Waited, Waited, Aftermath]> {
  const sandbox = await startTestSandbox(['--no-page', '--policy', silencePolicy()]);
  const apart = setInterval(() => keepApart(sandbox.pid), 500);
  try {
    await ask(sandbox, 'warm', 20);
    const before = await ask(sandbox, 'idle', commands);
    const flood = runStorm(sandbox, {
      ...{ alerts, limitedSeconds: 0, slackLimitedSeconds: 0, atOnce: 100, timeoutMs: 1_800_000 },
    });
    const [during, aftermath] = await Promise.all([ask(sandbox, 'flooded', commands), flood]);
    return [before, during, aftermath];
  } finally {
    clearInterval(apart);
    await sandbox.stop();
  }
}

/**
 * On AWS each function has processors of its own; here all share a few. What works for alerts yields to what works for people,
 * or the figure would be about the scheduler of this machine.
 */
function keepApart(parent: number): void {
  for (const pid of [...processesOf('alert-edge', parent), ...processesOf('alert-worker', parent)]) {
    try {
      setPriority(pid, YIELDING);
    } catch {
      // It ended while we looked.
    }
  }
}

/** Lets people ask at an even pace, each about a token of its own, and looks at what each was answered. */
async function ask(sandbox: TestSandbox, name: string, many: number): Promise<Waited> {
  const talk = createTalk(sandbox);
  const tokens: StandInToken[] = [];
  for (let nth = 0; nth < many; nth += 1) tokens.push(await talk.mint(`${name}-${nth}-asked`));
  const isChange = (nth: number) => nth % CHANGING === 0;
  const startedAt = Date.now();
  const sent = await Promise.all(
    tokens.map(async ({ id }, nth) => {
      await sleep((nth * 1000) / perSecond);
      const at = Date.now();
      const answer = await sandbox.pat(`${isChange(nth) ? 'deactivate' : 'show'} ${id}`, 'operator');
      return { at, ...answer };
    }),
  );
  const said = await answersTo(sandbox, tokens);
  console.log(`${name}: ${many} commands in ${Math.round((Date.now() - startedAt) / 1000)} s`);
  const states = new Map((await sandbox.tokens()).map(({ id, state }) => [id, state]));
  const changed = (await sandbox.calls()).filter(({ mutation }) => mutation).map(({ path }) => path);
  const answers = tokens.map((token, nth) => {
    const told = said.filter(({ words }) => new RegExp(`\\b${token.name}\\b`).test(words));
    const changes = changed.filter((path) => path.includes(token.id)).length;
    return {
      replied: (told[0]?.at ?? Number.POSITIVE_INFINITY) - sent[nth]!.at,
      wrong: [
        sent[nth]!.status === 200 ? [] : [`${token.name}: Slack was answered ${sent[nth]!.status}`],
        told.length === 1 ? [] : [`${token.name}: ${told.length} answers`],
        changes === (isChange(nth) ? 1 : 0) ? [] : [`${token.name}: ${changes} changes`],
        states.get(token.id) === (isChange(nth) ? 'inactive' : 'active')
          ? []
          : [`${token.name}: ${states.get(token.id)}`],
      ].flat(),
    };
  });
  return {
    acknowledged: sent.map(({ milliseconds }) => milliseconds),
    replied: answers.map(({ replied }) => replied),
    wrong: answers.flatMap((answer) => answer.wrong),
  };
}

interface Said {
  readonly words: string;
  readonly at: number;
}

/** Waits until each token was spoken of. It looks seldom: what there is to look at grows, and looking takes time from the others. */
async function answersTo(sandbox: TestSandbox, tokens: readonly StandInToken[]): Promise<readonly Said[]> {
  const deadline = Date.now() + LONGEST_WAIT_MS;
  for (;;) {
    await sleep(3000);
    const said = (await sandbox.messages()).map((one) => ({ words: wordsOf(one), at: Number(one.ts) * 1000 }));
    const all = said.map(({ words }) => words).join('\n');
    if (Date.now() > deadline || tokens.every(({ name }) => all.includes(name))) return said;
  }
}

interface Memory {
  readonly name: string;
  /** Heap after a collection, MB, when a quarter of the jobs was done, half of them, and all. */
  readonly heaps: readonly number[];
}

/** Gives one process of each worker very many jobs, one after the other. */
async function memoryOf(): Promise<readonly Memory[]> {
  const rig = await startWorkerRig();
  const probe = createHeapProbe();
  const marks = [jobs / 4, jobs / 2, jobs].map(Math.ceil);
  try {
    const grown: Memory[] = [];
    for (const name of ['slack-worker', 'alert-worker'] as const) {
      const worker = rig.start(name, { environment: probe.environment });
      const { secret } = rig.mint(`leaked ${name}`);
      const report = leaked(secret);
      const heaps: number[] = [];
      for (let nth = 1; nth <= jobs; nth += 1) {
        const job =
          name === 'slack-worker'
            ? typed(nth % 2 === 0 ? 'whoami' : 'cases', `load-${nth}`)
            : { ...report, deliveryKey: `load-${nth}`, report: { ...report.report, key: `load-${nth}` } };
        await rig.deliver(job, { by: worker });
        if (marks.includes(nth)) heaps.push(await probe.read(name, process.pid));
        // What the rig remembers of it is its own.
        if (nth % 1000 === 0) rig.printed.length = 0;
      }
      grown.push({ name, heaps });
      console.log(`${name}: ${heaps.map((heap) => heap.toFixed(1)).join(', ')} MB`);
    }
    return grown;
  } finally {
    probe.close();
    await rig.close();
  }
}

function at(share: number, figures: readonly number[]): number {
  const sorted = figures.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function ratio(what: 'acknowledged' | 'replied'): number {
  return at(0.95, flooded[what]) / at(0.95, idle[what]);
}

function report(): string {
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, Node ${process.versions.node}`;
  const row = (name: string, what: 'acknowledged' | 'replied') => {
    const ms = (figures: readonly number[], share: number) => `${at(share, figures).toFixed(0)} ms`;
    const [quiet, loud] = [idle[what], flooded[what]];
    return `| ${name} | ${ms(quiet, 0.5)} | ${ms(quiet, 0.95)} | ${ms(loud, 0.5)} | ${ms(loud, 0.95)} | × ${ratio(what).toFixed(2)} |`;
  };
  return [
    `${new Date().toISOString().slice(0, 10)}, ${machine}, everything on one machine, with a load of ${load.toFixed(1)} before it began (\`npm run bench:load\`).`,
    `${alerts} alerts about ${storm.tokens} tokens at once, while people send ${commands} commands, ${perSecond} a second; the same ${commands} commands before, without alerts. All alerts were accepted after ${(storm.acceptedAfterMs / 1000).toFixed(1)} s, the last kill was proved after ${(storm.lastKillMs / 1000).toFixed(0)} s, all was told after ${(storm.quietAfterMs / 1000).toFixed(0)} s.`,
    `Lost, doubled or untrue: ${wrong.length}.`,
    '',
    '| | idle, p50 | p95 | in the flood, p50 | p95 | ratio of the p95 |',
    '|---|--:|--:|--:|--:|--:|',
    row('Slack has its 200', 'acknowledged'),
    row('the person has the answer', 'replied'),
    '',
    'Here functions and stand-ins share the processors; on AWS each function has its own. What works for alerts therefore yields to what works for people (nice 15); the stand-ins, which are one process, serve both.',
    '',
    `One process, ${jobs} jobs one after the other; its heap after a collection:`,
    '',
    '| | after a quarter | after half | at the end |',
    '|---|--:|--:|--:|',
    ...memories.map(({ name, heaps }) => `| ${name} | ${heaps.map((heap) => `${heap.toFixed(1)} MB`).join(' | ')} |`),
  ].join('\n');
}
