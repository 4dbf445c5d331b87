import { tellSteps } from '#infra/tell-steps.ts';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { orExit, readCommandLine, Stop, wholeNumber } from '#infra/command-line.ts';
import type { StandInToken } from '#infra/sandbox/kit/stand-in.ts';
import { silencePolicy, startTestSandbox, type TestSandbox } from '#test/support/sandbox.ts';
import { createTalk, wordsOf } from '#test/support/slack-talk.ts';
import { type Aftermath, prepareStorm, runStorm } from '#test/support/storm.ts';
import { leaked, startWorkerRig, typed, type WorkerRig } from '#test/support/worker-rig.ts';
import { createHeapProbe } from './heap-probe.ts';
import { measuredOn } from './measured-on.ts';
import { putSection } from './section.ts';

const FIGURES = join(import.meta.dirname, '../../docs/bench.md');

const USAGE = `npm run bench:load -- [options]

Floods the whole sandbox with alerts while people go on asking, compares their waiting with an idle sandbox, and gives one
process of each worker very many jobs.

  --only PART       idle (people alone), flood (people alone, then in a flood) or memory; without it flood and memory
  --alerts N        how many (2000)
  --flood N         how many of these a second: more than four workers end; 0 sends them as fast as they are taken (20)
  --commands N      how many, with and without the flood (500)
  --per-second N    how many of these a second (5)
  --rtt MS          how much later everything outside AWS answers, with and without the flood (50)
  --jobs N          how many for one process of each worker (20000)
  --write           put the figures into docs/bench.md
`;

const PARTS = ['idle', 'flood', 'memory'] as const;
type Part = (typeof PARTS)[number];

const { only, alerts, alertsPerSecond, commands, perSecond, rtt, jobs, write } = orExit(() => {
  const { values } = readCommandLine({
    usage: USAGE,
    options: {
      only: { type: 'string' },
      alerts: { type: 'string', default: '2000' },
      flood: { type: 'string', default: '20' },
      commands: { type: 'string', default: '500' },
      'per-second': { type: 'string', default: '5' },
      rtt: { type: 'string', default: '50' },
      jobs: { type: 'string', default: '20000' },
      write: { type: 'boolean', default: false },
    },
  });
  const part = PARTS.find((name) => name === values.only);
  if (values.only !== undefined && part === undefined) throw new Stop(`--only is one of ${PARTS.join(', ')}.`);
  return {
    only: part,
    alerts: wholeNumber('--alerts', values.alerts),
    alertsPerSecond: wholeNumber('--flood', values.flood),
    commands: wholeNumber('--commands', values.commands),
    perSecond: wholeNumber('--per-second', values['per-second']),
    rtt: wholeNumber('--rtt', values.rtt, 60_000),
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
/** As many alerts are under way to their edge as it has processes here: more would only wait inside this machine. */
const AT_ONCE = 4;
/** An issuer lists all tokens of their owner to whoever shows one of them, and alert-edge reads no more than 256 kB of that. */
const OWNERS = Array.from({ length: 40 }, (_, nth) => `owner-${nth}@example.com`);
/** MB: what stands for AWS, Slack and the providers keeps all that it was sent, and each collection of it would hold up everybody. */
const STAND_INS = ['--max-semi-space-size=64'];
/** So many alerts start every process that there will be. */
const WARMING = 60;
/** How much larger the heap of a process may be at the end than when it had done a quarter of its jobs. */
const MOST_LARGER = 1.1;

interface Waited {
  /** Milliseconds until Slack had its 200, and until the answer was said. */
  readonly acknowledged: readonly number[];
  readonly replied: readonly number[];
  readonly wrong: readonly string[];
}

const step = tellSteps(console.error);
const isGood: boolean[] = [];
const wants = (part: Part): boolean => only === part || (only === undefined && part !== 'idle');
if (wants('idle') || wants('flood')) {
  step(wants('flood') ? 'People alone, then people in a flood' : 'People alone');
  tellPeople(await floodPeople());
}
if (wants('memory')) {
  step('Memory over many jobs');
  const memories = await memoryOf();
  tell('Memory over many jobs', memoryReport(memories));
  isGood.push(
    memories.every(({ heaps: [early = 0, , late = Number.POSITIVE_INFINITY] }) => late <= early * MOST_LARGER),
  );
}
process.exitCode = isGood.every(Boolean) ? 0 : 1;

function tell(section: string, text: string): void {
  console.log(`\n${text}`);
  if (write) putSection(FIGURES, section, text);
}

function tellPeople({ idle, flooded, storm }: People): void {
  const wrong = [...idle.wrong, ...(flooded?.wrong ?? []), ...(storm?.wrong ?? [])];
  for (const sentence of wrong.slice(0, 20)) console.error(sentence);
  isGood.push(wrong.length === 0);
  if (flooded === undefined || storm === undefined) {
    const p95 = (['acknowledged', 'replied'] as const).map((what) => `${what} ${at(0.95, idle[what]).toFixed(0)} ms`);
    console.log(`${wrong.length} wrong; 95th percentile: ${p95.join(', ')}`);
    return;
  }
  tell('Load', loadReport({ idle, flooded, storm }, wrong.length));
  isGood.push(ratio('acknowledged', idle, flooded) <= MOST_SLOWER, ratio('replied', idle, flooded) <= MOST_SLOWER);
}

interface People {
  readonly idle: Waited;
  /** The same in a flood, if there was one. */
  readonly flooded?: Waited;
  readonly storm?: Aftermath;
}

async function floodPeople(): Promise<People> {
  const args = ['--no-page', '--policy', policyOfOneAsker(), '--rtt', String(rtt)];
  const sandbox = await startTestSandbox(args, STAND_INS);
  let keptApart = 0;
  const apart = new Worker(new URL('keep-apart.ts', import.meta.url), { workerData: sandbox.pid });
  apart.on('message', (count: number) => {
    keptApart = count;
  });
  try {
    const gentle = { owners: OWNERS, limitedSeconds: 0, slackLimitedSeconds: 0, atOnce: AT_ONCE, timeoutMs: 1_800_000 };
    // All processes are there, and all yield that have to, before anything is measured: to start them is this machine's work.
    await runStorm(sandbox, { ...gentle, alerts: WARMING, name: 'first' });
    await (await prepareToAsk(sandbox, 'warm', 20))();
    const askIdle = await prepareToAsk(sandbox, 'idle', commands);
    if (!wants('flood')) return { idle: await askIdle() };
    // All tokens are there before anybody asks: a listing is as long without the flood as with it.
    const askFlooded = await prepareToAsk(sandbox, 'flooded', commands);
    const flood = await prepareStorm(sandbox, {
      ...{ ...gentle, alerts },
      ...(alertsPerSecond > 0 && { perSecond: alertsPerSecond }),
    });
    const idle = await askIdle();
    const [flooded, storm] = await Promise.all([askFlooded(), flood()]);
    if (keptApart === 0) throw new Error('No worker of alerts was found, so none has yielded the processors');
    console.log(`${alerts} alerts: told after ${(storm.quietAfterMs / 1000).toFixed(0)} s`);
    return { idle, flooded, storm };
  } finally {
    await apart.terminate();
    await sandbox.stop();
  }
}

/** One person asks for everybody here: that many changes of one within minutes would want somebody's agreement. */
function policyOfOneAsker(): string {
  return silencePolicy((policy) => policy.replace('fromTokens: 25', `fromTokens: ${commands + 1}`));
}

/** Issues a token for each request, of both providers in turn; what it gives lets people ask about them. */
async function prepareToAsk(sandbox: TestSandbox, name: string, many: number): Promise<() => Promise<Waited>> {
  const talk = createTalk(sandbox);
  const tokens: StandInToken[] = [];
  for (let nth = 0; nth < many; nth += 1) {
    const provider = nth % 4 < 2 ? 'dfns' : 'langsmith';
    const owner = provider === 'langsmith' ? { owner: OWNERS[nth % OWNERS.length] } : {};
    tokens.push(await talk.mint(`${name}-${nth}-asked`, { provider, profile: `${provider}-demo`, ...owner }));
  }
  return () => ask(sandbox, name, tokens);
}

/** Lets people ask at an even pace, each about a token of its own, and looks at what each was answered. */
async function ask(sandbox: TestSandbox, name: string, tokens: readonly StandInToken[]): Promise<Waited> {
  const many = tokens.length;
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
    await sleep(5000);
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

/** Gives one process of each worker very many jobs, one after the other; both at a time. */
async function memoryOf(): Promise<readonly Memory[]> {
  const rig = await startWorkerRig();
  try {
    return await Promise.all([heapsOf(rig, 'slack-worker'), heapsOf(rig, 'alert-worker')]);
  } finally {
    await rig.close();
  }
}

async function heapsOf(rig: WorkerRig, name: 'slack-worker' | 'alert-worker'): Promise<Memory> {
  const marks = [jobs / 4, jobs / 2, jobs].map(Math.ceil);
  const probe = createHeapProbe();
  try {
    const worker = rig.start(name, { environment: probe.environment });
    const { secret } = rig.mint(`leaked ${name}`);
    const report = leaked(secret);
    const heaps: number[] = [];
    for (let nth = 1; nth <= jobs; nth += 1) {
      const job =
        name === 'slack-worker'
          ? typed(nth % 2 === 0 ? 'whoami' : 'cases', `load-${nth}`)
          : { ...report, deliveryKey: `load-${nth}`, report: { ...report.report, key: `load-${nth}` } };
      const { ok } = await rig.deliver(job, { by: worker });
      if (!ok) throw new Error(`${name} failed at job ${nth}`);
      if (marks.includes(nth)) heaps.push(await probe.read(name, process.pid));
      // What stands around the workers remembers every call; that is its own, and would be all that grows.
      if (nth % 1000 === 0) forget(rig);
      if (nth % 5000 === 0) step(`Memory over many jobs: ${name} has done ${nth}`);
    }
    console.log(`${name}: ${heaps.map((heap) => heap.toFixed(1)).join(', ')} MB`);
    return { name, heaps };
  } finally {
    probe.close();
  }
}

function forget({ printed, slack, dfns, langsmith, github }: WorkerRig): void {
  for (const list of [printed, slack.calls, dfns.calls, langsmith.calls, github.calls]) (list as unknown[]).length = 0;
}

function at(share: number, figures: readonly number[]): number {
  const sorted = figures.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function ratio(what: 'acknowledged' | 'replied', idle: Waited, flooded: Waited): number {
  return at(0.95, flooded[what]) / at(0.95, idle[what]);
}

function headline(): string {
  return `${measuredOn()}, everything on one machine`;
}

function loadReport({ idle, flooded, storm }: Required<People>, wrong: number): string {
  const row = (name: string, what: 'acknowledged' | 'replied') => {
    const ms = (figures: readonly number[], share: number) => `${at(share, figures).toFixed(0)} ms`;
    const [quiet, loud] = [idle[what], flooded[what]];
    return `| ${name} | ${ms(quiet, 0.5)} | ${ms(quiet, 0.95)} | ${ms(loud, 0.5)} | ${ms(loud, 0.95)} | × ${ratio(what, idle, flooded).toFixed(2)} |`;
  };
  return [
    `${headline()} (\`npm run bench:load -- --only flood\`); ${rtt} ms are added to each answer of a provider, of Slack and of GitHub.`,
    `${alerts} alerts about ${storm.tokens} tokens, ${alertsPerSecond > 0 ? `${alertsPerSecond} a second` : 'as fast as they were taken'}, while people send ${commands} commands, ${perSecond} a second; the same ${commands} commands before, without alerts. All alerts were accepted after ${(storm.acceptedAfterMs / 1000).toFixed(1)} s, the last kill was proved after ${(storm.lastKillMs / 1000).toFixed(0)} s, all was told after ${(storm.quietAfterMs / 1000).toFixed(0)} s.`,
    `Lost, doubled or untrue: ${wrong}.`,
    '',
    '| | idle, p50 | p95 | in the flood, p50 | p95 | ratio of the p95 |',
    '|---|--:|--:|--:|--:|--:|',
    row('Slack has its 200', 'acknowledged'),
    row('the person has the answer', 'replied'),
    '',
    'Here functions and stand-ins share the processors; on AWS each function has its own. What works for alerts therefore yields to what works for people (alert-worker is idle to the scheduler, in sessions of the lowest priority; alert-edge has a lower one); the stand-ins, which are one process but for the table, serve both, and alerts come at a pace that this process can take and four alert-workers cannot: they pile up in their queue.',
  ].join('\n');
}

function memoryReport(memories: readonly Memory[]): string {
  return [
    `${headline()} (\`npm run bench:load -- --only memory\`).`,
    `One process of each worker, ${jobs} jobs one after the other; its heap after a collection:`,
    '',
    '| | after a quarter | after half | at the end |',
    '|---|--:|--:|--:|',
    ...memories.map(({ name, heaps }) => `| ${name} | ${heaps.map((heap) => `${heap.toFixed(1)} MB`).join(' | ')} |`),
  ].join('\n');
}
