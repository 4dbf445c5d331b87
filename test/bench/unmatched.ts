import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { orExit, readCommandLine, wholeNumber } from '#infra/command-line.ts';
import type { SlackMessage } from '#infra/sandbox/slack/workspace.ts';
import { tellSteps } from '#infra/tell-steps.ts';
import { createAlertDriver } from '#test/support/alert-driver.ts';
import { langsmithKey } from '#test/support/leaks.ts';
import { startTestSandbox } from '#test/support/sandbox.ts';
import { measuredOn } from './measured-on.ts';
import { putSection } from './section.ts';

const FIGURES = join(import.meta.dirname, '../../docs/bench.md');

const USAGE = `npm run bench:unmatched -- [options]

Sends alerts of secrets that nobody has, each of its own, under the policy as shipped, while Slack takes few messages, and
measures until the channel has told of each.

  --alerts N        how many (1000)
  --slack-posts N   how many messages a minute Slack takes in a channel (60)
  --write           put the figures into docs/bench.md
`;

const options = orExit(() => {
  const { values } = readCommandLine({
    usage: USAGE,
    options: {
      alerts: { type: 'string', default: '1000' },
      'slack-posts': { type: 'string', default: '60' },
      write: { type: 'boolean', default: false },
    },
  });
  return {
    alerts: wholeNumber('--alerts', values.alerts),
    slackPosts: wholeNumber('--slack-posts', values['slack-posts']),
    write: values.write,
  };
});

/** How long the channel is watched at most. */
const PATIENCE_MS = 300_000;

const step = tellSteps(console.error);
step('Starting the sandbox');
const policy = join(import.meta.dirname, '../../infra/policy.yml');
const sandbox = await startTestSandbox(['--no-page', '--policy', policy, '--slack-posts', String(options.slackPosts)]);
try {
  const driver = createAlertDriver(sandbox);
  const gate = pLimit(100);
  const alerts = Array.from({ length: options.alerts }, (_, nth) =>
    driver.signWebhook('generic', JSON.stringify({ secret: langsmithKey(), repository: `acme/${nth}` })),
  );
  const startedAt = performance.now();
  const elapsed = () => (performance.now() - startedAt) / 1000;
  step(`Delivering ${options.alerts} alerts`);
  const answers = await Promise.all(alerts.map((alert) => gate(() => driver.deliver(alert))));
  const accepted = answers.filter(({ status }) => status < 300).length;
  const acceptedAfter = elapsed();
  step(`Waiting until all of them are told; ${options.slackPosts} messages a minute fit the channel`);
  let told = { cards: 0, together: 0, messages: 0 };
  while (told.cards + told.together < options.alerts && elapsed() * 1000 < PATIENCE_MS) {
    await sleep(500);
    told = countTold(await sandbox.messages());
  }
  const toldAfter = elapsed();
  const dead = await driver.dead();
  const isWhole = told.cards + told.together === options.alerts && accepted === options.alerts && dead === 0;
  const text = [
    `${measuredOn()}, everything on one machine: \`npm run bench:unmatched\`.`,
    `${options.alerts} alerts, each of another secret that no token has, under \`infra/policy.yml\` as shipped; Slack takes ${options.slackPosts} messages a minute in a channel.`,
    '',
    '| alerts | accepted | all accepted after | with a card of their own | counted by one message | all told after | in a dead-letter queue |',
    '|--:|--:|--:|--:|--:|--:|--:|',
    `| ${options.alerts} | ${accepted} | ${acceptedAfter.toFixed(1)} s | ${told.cards} | ${told.together} | ${toldAfter.toFixed(1)} s | ${dead} |`,
  ].join('\n');
  console.log(text);
  if (options.write && isWhole) putSection(FIGURES, 'Made-up secrets', text);
  process.exitCode = isWhole ? 0 : 1;
} finally {
  await sandbox.stop();
}

/** How many leaks the channel tells of: by a card each, and by the messages that count many. */
function countTold(messages: readonly SlackMessage[]): { cards: number; together: number; messages: number } {
  const spoken = messages.filter(({ threadTs, ephemeralTo }) => threadTs === undefined && ephemeralTo === undefined);
  const counted = spoken.flatMap(
    ({ text }) => /^(?:At least )?([\d,]+) more leaks? reported, told together/.exec(text)?.[1] ?? [],
  );
  const together = counted.reduce((sum, number) => sum + Number(number.replaceAll(',', '')), 0);
  const cards = spoken.filter(
    ({ text }) => /matches no token Patrol can see/.test(text) && !/told together/.test(text),
  );
  return { cards: cards.length, together, messages: spoken.length };
}
