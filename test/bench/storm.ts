import { tellSteps } from '#infra/tell-steps.ts';
import { join } from 'node:path';
import { orExit, readCommandLine, wholeNumber, wholeNumbers } from '#infra/command-line.ts';
import { silencePolicy, startTestSandbox } from '#test/support/sandbox.ts';
import { type Aftermath, runStorm } from '#test/support/storm.ts';
import { measuredOn } from './measured-on.ts';
import { putSection } from './section.ts';

const FIGURES = join(import.meta.dirname, '../../docs/bench.md');

const USAGE = `npm run bench:storm -- [options]

Sends many alerts at once through the whole sandbox and checks what became of each.

  --alerts A,B          how many (60,300,1000)
  --limited N           seconds for which the provider limits (15)
  --slack-limited N     seconds for which Slack limits (30)
  --rtt MS              how much later everything outside AWS answers (0)
  --write               put the figures into docs/bench.md
`;

const options = orExit(() => {
  const { values } = readCommandLine({
    usage: USAGE,
    options: {
      alerts: { type: 'string', default: '60,300,1000' },
      limited: { type: 'string', default: '15' },
      'slack-limited': { type: 'string', default: '30' },
      rtt: { type: 'string', default: '0' },
      write: { type: 'boolean', default: false },
    },
  });
  return {
    alerts: wholeNumbers('--alerts', values.alerts),
    limitedSeconds: wholeNumber('--limited', values.limited),
    slackLimitedSeconds: wholeNumber('--slack-limited', values['slack-limited']),
    rtt: String(wholeNumber('--rtt', values.rtt)),
    write: values.write,
  };
});
const { limitedSeconds, slackLimitedSeconds } = options;

const step = tellSteps(console.error);
const rows: (readonly [alerts: number, aftermath: Aftermath])[] = [];
for (const alerts of options.alerts) {
  step(`A storm of ${alerts} alerts`);
  // A new one for each, so that no storm inherits another's spent limits.
  const sandbox = await startTestSandbox(['--no-page', '--policy', silencePolicy(), '--rtt', options.rtt]);
  try {
    const aftermath = await runStorm(sandbox, {
      alerts,
      limitedSeconds,
      slackLimitedSeconds,
      atOnce: 100,
      timeoutMs: 900_000,
    });
    rows.push([alerts, aftermath]);
    console.log(row(alerts, aftermath));
    for (const sentence of aftermath.wrong.slice(0, 20)) console.error(sentence);
  } finally {
    await sandbox.stop();
  }
}
const text = report();
console.log(`\n${text}`);
if (options.write) putSection(FIGURES, 'Storm', text);
process.exitCode = rows.every(([, { wrong }]) => wrong.length === 0) ? 0 : 1;

function report(): string {
  return [
    `${measuredOn()}, everything on one machine; ${options.rtt} ms added to each answer from outside.`,
    `All alerts at once, by six sources; every token is reported twice. Dfns and LangSmith answer every call with 429 for the first ${limitedSeconds} s and keep their published limits after that; Slack does so for ${slackLimitedSeconds} s.`,
    'Times: from the first report of a token to the read that proves it dead.',
    '',
    '| alerts | tokens | accepted | all accepted after | calls to providers | to Slack | to the table | 429s | p50 | p95 | longest | last kill after | all told after | wrong |',
    '|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|',
    ...rows.map(([alerts, aftermath]) => row(alerts, aftermath)),
    '',
    '"Wrong" counts tokens that are alive or were changed more than once, cases with a wrong state or count, missing or doubled cards, and messages in a dead-letter queue.',
  ].join('\n');
}

function row(alerts: number, aftermath: Aftermath): string {
  const { tokens, accepted, acceptedAfterMs, p50, p95, longest, lastKillMs, quietAfterMs, wrong } = aftermath;
  const { providerCalls, slackCalls, tableCalls, limited } = aftermath;
  const times = [p50, p95, longest, lastKillMs, quietAfterMs].map(seconds).join(' | ');
  return `| ${alerts} | ${tokens} | ${accepted} | ${seconds(acceptedAfterMs)} | ${providerCalls} | ${slackCalls} | ${tableCalls} | ${limited} | ${times} | ${wrong.length} |`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
