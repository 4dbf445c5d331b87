import { tellSteps } from '#infra/tell-steps.ts';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { orExit, readCommandLine, Stop, wholeNumber, wholeNumbers } from '#infra/command-line.ts';
import { loadPolicy } from '#infra/policy.ts';
import type { Call, StandInToken } from '#infra/sandbox/kit/stand-in.ts';
import { startTestSandbox } from '#test/support/sandbox.ts';
import { createTalk, wordsOf } from '#test/support/slack-talk.ts';
import { measuredOn } from './measured-on.ts';
import { residentMemory } from './resident-memory.ts';
import { putSection } from './section.ts';

const DFNS_PROFILES = 49;
const FIGURES = join(import.meta.dirname, '../../docs/bench.md');

/** `fromTokens` of the policy's rule for many at once. */
const LEAST_BULK = 25;

const USAGE = `npm run bench:slack -- [options]

Measures lists and bulk changes through the whole sandbox.

  --rtt MS         how much later everything outside AWS answers (50)
  --lists A,B      sizes of lists (1000,5000,10000)
  --bulks A,B      sizes of bulk changes, 25 or more (50,100,200)
  --write          put the figures into docs/bench.md
`;

const options = orExit(() => {
  const { values } = readCommandLine({
    usage: USAGE,
    options: {
      rtt: { type: 'string', default: '50' },
      lists: { type: 'string', default: '1000,5000,10000' },
      bulks: { type: 'string', default: '50,100,200' },
      write: { type: 'boolean', default: false },
    },
  });
  const bulks = wholeNumbers('--bulks', values.bulks);
  // Below that nobody is asked, and what is measured begins with the last approval.
  if (bulks.some((size) => size < LEAST_BULK)) throw new Stop(`--bulks: each must be ${LEAST_BULK} or more.`);
  return {
    rtt: wholeNumber('--rtt', values.rtt),
    lists: wholeNumbers('--lists', values.lists),
    bulks,
    write: values.write,
  };
});
const { rtt } = options;

/** One thing that was asked for, and what it took. */
interface Measured {
  readonly size: number;
  readonly seconds: number;
  /** Most memory that a process of slack-worker had, MB. */
  readonly peakMb: number;
  readonly slackCalls: number;
  readonly providerCalls: number;
}

const folder = mkdtempSync(join(tmpdir(), 'patrol-bench-'));
const dfns = Array.from({ length: DFNS_PROFILES }, (_, index) => `dfns-${String(index + 1).padStart(2, '0')}`);
const policy = join(folder, 'policy.yml');
writeFileSync(
  policy,
  // YAML reads JSON.
  JSON.stringify({
    ...loadPolicy(),
    // What it protects is in profiles that are not here.
    protected: [],
    profiles: Object.fromEntries([
      ...dfns.map((name) => [name, { provider: 'dfns' }]),
      ['langsmith-01', { provider: 'langsmith' }],
    ]),
  }),
);
const step = tellSteps(console.error);
step('Starting a sandbox');
const sandbox = await startTestSandbox(['--no-page', '--policy', policy, '--rtt', String(rtt)]);
const talk = createTalk(sandbox);
try {
  step('Lists');
  const lists = await measureLists();
  step('Bulk changes');
  const bulks = await measureBulks();
  const text = report(lists, bulks);
  console.log(text);
  if (options.write) putSection(FIGURES, 'Slack', text);
} catch (error) {
  const logs = await sandbox.logs();
  for (const { function: name, text } of logs.slice(-20)) console.error(name, text);
  for (const message of (await sandbox.messages()).slice(-3)) console.error(message.text);
  throw error;
} finally {
  await sandbox.stop();
  rmSync(folder, { recursive: true });
}

/** Lists everything of fifty profiles, with more and more tokens in them. */
async function measureLists(): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const size of options.lists) {
    const there = (await sandbox.tokens()).filter(({ state }) => state !== 'deleted').length;
    await mint(size - there);
    measured.push(await measure(size, () => talk.ask('list --sort name', 'operator', { fits: /tokens, 50 profiles/ })));
  }
  return measured;
}

/** Deactivates many tokens at once: asked, confirmed, approved; measured from the approval on. */
async function measureBulks(): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const size of options.bulks) {
    const tokens = await mint(size);
    // Dfns counts an organisation's calls by the minute: each size starts with all of them to spend.
    await sleep(61_000);
    const question = await talk.ask(`deactivate ${tokens.map(({ id }) => id).join(' ')}`, 'operator');
    const card = await talk.next(() => talk.press(question, 'Yes, deactivate', 'operator'), /^Approval needed/);
    measured.push(
      await measure(size, async () => {
        const done = await talk.next(
          () => talk.press(card, 'Approve', 'approver'),
          /^(Stopped.*)?\d+ tokens: /,
          180_000,
        );
        const isWhole = done.text === `${size} tokens: ${size} deactivated.`;
        if (!isWhole) console.error(`${size}: ${wordsOf(done).slice(0, 800)}`);
      }),
    );
  }
  return measured;
}

async function mint(count: number): Promise<StandInToken[]> {
  const limit = pLimit(8);
  return Promise.all(
    Array.from({ length: Math.max(0, count) }, (_, index) =>
      // The one LangSmith organisation gets its fiftieth part, as each Dfns user does.
      limit(() => {
        const profile = dfns[index % (DFNS_PROFILES + 1)];
        const more = profile === undefined ? { provider: 'langsmith', profile: 'langsmith-01' } : { profile };
        return talk.mint(`bench-${crypto.randomUUID().slice(0, 8)}`, more);
      }),
    ),
  );
}

async function measure(size: number, doing: () => Promise<unknown>): Promise<Measured> {
  // A new process, so that its peak is this run's; warm, so that its start is not.
  await sandbox.post('restart', { function: 'slack-worker' });
  await talk.ask('whoami', 'operator');
  await talk.idle();
  const before = await counted();
  const startedAt = performance.now();
  await doing();
  const seconds = (performance.now() - startedAt) / 1000;
  await talk.idle();
  const after = await counted();
  return {
    size,
    seconds,
    peakMb: peakOf('patrol-sandbox-slack-worker'),
    slackCalls: after.slack - before.slack,
    providerCalls: after.providers - before.providers,
  };
}

async function counted(): Promise<{ readonly slack: number; readonly providers: number }> {
  const [slack, providers] = await Promise.all([sandbox.get<readonly Call[]>('slack-calls'), sandbox.calls()]);
  return { slack: slack.length, providers: providers.length };
}

/** The largest resident set that any living process of a function ever had, MB. */
function peakOf(functionName: string): number {
  return Math.round(Math.max(0, ...residentMemory(functionName, sandbox.pid, 'peak')));
}

function report(lists: readonly Measured[], bulks: readonly Measured[]): string {
  return [
    `${measuredOn()}, everything on one machine, ${rtt} ms added to each answer of a provider and of Slack.`,
    'The ratios compare each size with the first of its table: what grows with the size alone stays at or below it.',
    '',
    `\`/pat list\` over 50 profiles (49 Dfns users, 1 LangSmith organisation), from the command to the message:`,
    '',
    ...table(lists),
    '',
    '`/pat deactivate` of many tokens over the same profiles, from the last approval to the summary:',
    '',
    ...table(bulks),
    '',
    'Dfns lets an organisation make 1000 calls a minute. A run that needs more waits for the next minute, and its time says so.',
  ].join('\n');
}

function table(rows: readonly Measured[]): string[] {
  const [first] = rows;
  const times = (value: number, base: number | undefined) => (base ? `× ${(value / base).toFixed(1)}` : '');
  return [
    '| tokens | size | time | ratio | peak memory of slack-worker | calls to Slack | calls to providers |',
    '|--:|--:|--:|--:|--:|--:|--:|',
    ...rows.map(
      ({ size, seconds, peakMb, slackCalls, providerCalls }) =>
        `| ${size} | ${times(size, first?.size)} | ${seconds.toFixed(1)} s | ${times(seconds, first?.seconds)} | ${peakMb} MB | ${slackCalls} | ${providerCalls} |`,
    ),
  ];
}
