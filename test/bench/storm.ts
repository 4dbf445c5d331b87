import { tellSteps } from '#infra/tell-steps.ts';
import { join } from 'node:path';
import { orExit, readCommandLine, wholeNumber, wholeNumbers } from '#infra/command-line.ts';
import { silencePolicy, startTestSandbox } from '#test/support/sandbox.ts';
import { type Aftermath, runStorm, type Storm } from '#test/support/storm.ts';
import { measuredOn } from './measured-on.ts';
import { putSection } from './section.ts';

const FIGURES = join(import.meta.dirname, '../../docs/bench.md');

const USAGE = `npm run bench:storm -- [options]

Sends many alerts at once through the whole sandbox and checks what became of each.

  --alerts A,B          how many (60,300,1000)
  --limited N,M         seconds for which the providers answer 429, for each of which all storms are played (0,15)
  --slack-limited N,M   seconds for which Slack does, beside each of those (0,30)
  --rtt MS              how much later everything outside AWS answers (0)
  --write               put the figures into docs/bench.md
`;

const options = orExit(() => {
  const { values } = readCommandLine({
    usage: USAGE,
    options: {
      alerts: { type: 'string', default: '60,300,1000' },
      limited: { type: 'string', default: '0,15' },
      'slack-limited': { type: 'string', default: '0,30' },
      rtt: { type: 'string', default: '0' },
      write: { type: 'boolean', default: false },
    },
  });
  const limited = wholeNumbers('--limited', values.limited);
  const slackLimited = wholeNumbers('--slack-limited', values['slack-limited']);
  return {
    alerts: wholeNumbers('--alerts', values.alerts),
    limits: limited.map((limitedSeconds, nth) => ({
      limitedSeconds,
      slackLimitedSeconds: slackLimited[nth] ?? slackLimited.at(-1) ?? 0,
    })),
    rtt: String(wholeNumber('--rtt', values.rtt)),
    write: values.write,
  };
});
const step = tellSteps(console.error);
type Limits = Pick<Storm, 'limitedSeconds' | 'slackLimitedSeconds'>;

interface Played extends Limits {
  readonly alerts: number;
  readonly aftermath: Aftermath;
}

const rows: Played[] = [];
for (const { alerts, ...limits } of storms()) {
  const { limitedSeconds, slackLimitedSeconds } = limits;
  step(`A storm of ${alerts} alerts, with providers that limit for ${limitedSeconds} s`);
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
    rows.push({ alerts, ...limits, aftermath });
    console.log(row({ alerts, ...limits, aftermath }));
    for (const sentence of aftermath.wrong.slice(0, 20)) console.error(sentence);
  } finally {
    await sandbox.stop();
  }
}
const text = report();
console.log(`\n${text}`);
if (options.write) putSection(FIGURES, 'Storm', text);
process.exitCode = rows.every(({ aftermath }) => aftermath.wrong.length === 0) ? 0 : 1;

function storms() {
  return options.limits.flatMap((limits) => options.alerts.map((alerts) => ({ alerts, ...limits })));
}

function report(): string {
  return [
    `${measuredOn()}, everything on one machine; ${options.rtt} ms added to each answer from outside.`,
    'All alerts at once, by six sources; every token is reported twice, half of them by the very same delivery. Dfns and LangSmith answer every call with 429 for as long as the second column says, and keep their published limits after that; Slack answers so for as long as the third.',
    'Times: from the first report of a token to the read that proves it dead.',
    '',
    '| alerts | providers limit for | Slack for | tokens | accepted | all accepted after | calls to providers | to Slack | to the table | 429s | p50 | p95 | longest | last kill after | all told after | wrong |',
    '|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|',
    ...rows.map(row),
    '',
    '"Wrong" counts tokens that are alive or were changed more than once, cases with a wrong state or count, missing or doubled cards, and messages in a dead-letter queue.',
  ].join('\n');
}

function row({ alerts, limitedSeconds, slackLimitedSeconds, aftermath }: Played): string {
  const { tokens, accepted, acceptedAfterMs, p50, p95, longest, lastKillMs, quietAfterMs, wrong } = aftermath;
  const { providerCalls, slackCalls, tableCalls, limited } = aftermath;
  const times = [p50, p95, longest, lastKillMs, quietAfterMs].map(seconds).join(' | ');
  return `| ${alerts} | ${limitedSeconds} s | ${slackLimitedSeconds} s | ${tokens} | ${accepted} | ${seconds(acceptedAfterMs)} | ${providerCalls} | ${slackCalls} | ${tableCalls} | ${limited} | ${times} | ${wrong.length} |`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
