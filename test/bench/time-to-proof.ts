import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { orExit, readCommandLine, wholeNumber } from '#infra/command-line.ts';
import type { StandInToken } from '#infra/sandbox/kit/stand-in.ts';
import { signAlert } from '#infra/sandbox/senders/alert-senders.ts';
import { tellSteps } from '#infra/tell-steps.ts';
import { startTestSandbox, widePolicy } from '#test/support/sandbox.ts';
import { createTalk } from '#test/support/slack-talk.ts';
import { measuredOn } from './measured-on.ts';
import { putSection } from './section.ts';

const FIGURES = join(import.meta.dirname, '../../docs/bench.md');

const USAGE = `npm run bench:proof -- [options]

Measures how long a kill takes until it is proved, through the whole sandbox: from the alert or the command to the end of the
read that proves it. Everything outside AWS answers later by --rtt, and AWS by --aws.

  --rtt MS     how much later everything outside AWS answers (100)
  --aws MS     how much later DynamoDB, SQS and Secrets Manager answer (5)
  --kills N    how many of each kind (50)
  --write      put the figures into docs/bench.md
  --json FILE  write the medians there as well
`;

const options = orExit(() => {
  const { values } = readCommandLine({
    usage: USAGE,
    options: {
      rtt: { type: 'string', default: '100' },
      aws: { type: 'string', default: '5' },
      kills: { type: 'string', default: '50' },
      write: { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  });
  const [rtt, aws, kills] = [values.rtt, values.aws, values.kills];
  return {
    rtt: wholeNumber('--rtt', rtt),
    aws: wholeNumber('--aws', aws),
    kills: wholeNumber('--kills', kills),
    write: values.write,
    json: values.json,
  };
});
const { rtt, aws, kills } = options;

type ProviderName = 'dfns' | 'langsmith';

/** Round trips that a provider's protocol takes, one after the other. */
const LEAST = { dfns: 5, langsmith: 3 } as const;
/** A leaked secret is shown to its issuer before anything is killed for it, by the edge, which alone has it. */
const SHOWN = { alert: 1, command: 0 } as const;
const KINDS = (['dfns', 'langsmith'] as const).flatMap((provider) =>
  (['alert', 'command'] as const).map((by) => ({ provider, by })),
);

const step = tellSteps(console.error);
step('Starting the sandbox');
// So many orders of one person within ten minutes would want somebody else's agreement.
const policy = widePolicy((text) => text.replace('fromTokens: 25', 'fromTokens: 1000'));
const sandbox = await startTestSandbox(['--no-page', '--policy', policy, '--rtt', String(rtt)]);
const talk = createTalk(sandbox);
try {
  for (const target of ['dynamodb', 'sqs', 'secrets']) await sandbox.fault(target, { mode: 'slow', ms: aws });
  const medians: Record<string, number> = {};
  const rows: string[] = [];
  for (const { provider, by } of KINDS) {
    step(`Killing ${kills} tokens of ${provider} by ${by}`);
    // The first opens what the others find open.
    await proofOf(provider, by);
    const times: number[] = [];
    while (times.length < kills) times.push(await proofOf(provider, by));
    times.sort((left, right) => left - right);
    const [p50 = 0, p95 = 0] = [0.5, 0.95].map((share) => times[Math.floor(times.length * share)]);
    const least = LEAST[provider] * rtt;
    medians[`${provider} ${by}`] = p50;
    const ratios = [least, least + SHOWN[by] * rtt].map((one) => (p50 / one).toFixed(2)).join(' | ');
    rows.push(`| ${provider}, ${by} | ${least} ms | ${p50} ms | ${p95} ms | ${ratios} |`);
  }
  const text = report(rows);
  console.log(text);
  if (options.write) putSection(FIGURES, 'Time to proof', text);
  if (options.json !== undefined) writeFileSync(options.json, JSON.stringify(medians));
} finally {
  await sandbox.stop();
}

function report(rows: readonly string[]): string {
  return [
    `${measuredOn()}, everything on one machine; ${kills} kills of each kind, ${rtt} ms added to each answer from outside AWS and ${aws} ms to each of DynamoDB, SQS and Secrets Manager (\`npm run bench:proof\`).`,
    'From the alert or the command to the end of the read that proves the kill. The least is the protocol’s round trips, one after the other; the last column counts in it the look at the issuer, to whom a leaked secret is shown first.',
    '',
    '| kill | least | p50 | p95 | of the least | of it, the secret shown first |',
    '|---|--:|--:|--:|--:|--:|',
    ...rows,
  ].join('\n');
}

/** Leaks or names a new token, and gives the milliseconds until its end was read. */
async function proofOf(provider: ProviderName, by: 'alert' | 'command'): Promise<number> {
  // Minutes apart, so that no match is a guess.
  const createdAt = new Date(Date.UTC(2025, 0, 1) - Math.floor(Math.random() * 400 * 24 * 60) * 60_000).toISOString();
  const name = `bench-${crypto.randomUUID().slice(0, 8)}`;
  const token = await talk.mint(name, { provider, profile: `${provider}-demo`, createdAt });
  const before = (await sandbox.calls()).length;
  const from = Date.now();
  await (by === 'alert' ? leak(token, provider) : sandbox.pat(`deactivate ${token.profile}:${token.id}`, 'operator'));
  const proof = await sandbox.until(`the end of ${name} to be read`, async () => {
    const calls = (await sandbox.calls()).slice(before);
    const change = calls.findIndex(({ mutation, path }) => mutation && path.includes(token.id));
    return change < 0
      ? undefined
      : calls.slice(change + 1).find(({ method, status }) => method === 'GET' && status === 200);
  });
  // The words come after it, and must not slow the next one down.
  await sleep(rtt * 4 + 200);
  return Date.parse(proof.at) + proof.milliseconds - from;
}

async function leak({ secret }: StandInToken, provider: ProviderName): Promise<void> {
  const { path, headers, body } = signAlert('gitleaks', { secret, provider }, sandbox.ready.alerts.secrets);
  const reply = await fetch(new URL(path, sandbox.ready.url), { method: 'POST', headers, body });
  if (!reply.ok) throw new Error(`the alert was answered ${reply.status}`);
}
