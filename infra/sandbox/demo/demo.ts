import { readCommandLine, runMain } from '#infra/command-line.ts';
import { loadPolicy } from '#infra/policy.ts';
import { play, type Played, type Timing } from './play.ts';
import { STAGE } from '../lambda/deployment.ts';
import { startSandbox } from '../sandbox.ts';
import { tellSteps } from '#infra/tell-steps.ts';
import type { SlackMessage } from '../slack/workspace.ts';

const USAGE = `npm run demo -- [--policy FILE] [--without-validity-check]

Starts all of Patrol here, plays the main job, prints the channel, and fails when a word in it is not true at the providers.

  --policy FILE             use this policy instead of infra/policy.yml
  --without-validity-check  show no leaked secret to its issuer: then nothing is proved, and the cards ask
`;

/** The channel as a person would read it, with what was done around it. */
function transcript({ actions, messages }: Played, userNames: ReadonlyMap<string, string>): string {
  const lines = [
    ...actions.map(({ at, who, words }) => ({ at, text: `${clock(at)}  ${who.padEnd(9)} ${words}` })),
    ...messages
      .filter(({ deleted }) => deleted === undefined)
      .map((message) => ({ at: sayingTime(message), text: said(message, userNames) })),
  ];
  return lines
    .toSorted((left, right) => left.at - right.at)
    .map(({ text }) => text)
    .join('\n');
}

function said(message: SlackMessage, userNames: ReadonlyMap<string, string>): string {
  const text = message.text
    .replaceAll(/<@(\w+)>/g, (_, id: string) => `@${userNames.get(id) ?? id}`)
    .replaceAll(/<!date\^[^|>]*\|([^>]*)>/g, '$1')
    .replaceAll('`', '');
  const marks = [
    message.editedAt === undefined ? '' : ' (edits its message)',
    message.ephemeralTo === undefined ? '' : ' (only to one person)',
  ];
  const who = message.threadTs === undefined || message.threadTs === message.ts ? 'Patrol    ' : '  └ Patrol';
  return `${clock(sayingTime(message))}  ${who} ${text}${marks.join('')}`;
}

const sayingTime = ({ ts, editedAt }: SlackMessage): number =>
  editedAt === undefined ? Number(ts) * 1000 : Date.parse(editedAt);
const clock = (at: number): string => new Date(at).toISOString().slice(11, 23);
const list = (timings: readonly Timing[]): string =>
  timings.map(({ what, milliseconds }) => `${what} ${milliseconds} ms`).join(' · ');

async function main(): Promise<void> {
  const { values } = readCommandLine({
    usage: USAGE,
    options: { policy: { type: 'string' }, 'without-validity-check': { type: 'boolean' } },
  });
  const given = values.policy === undefined ? loadPolicy({ stage: STAGE }) : loadPolicy({ file: values.policy });
  const validityCheck = given.alerts.validityCheck && values['without-validity-check'] !== true;
  const policy = { ...given, alerts: { ...given.alerts, validityCheck } };
  console.log('Patrol, from a typed command to a leaked token, without a browser.\n');
  const tell = tellSteps();
  const sandbox = await startSandbox({ port: 0, policy, page: false, rttMs: 0, onStep: tell });
  const stop = (): void => void sandbox.close().finally(() => process.exit(130));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    const played = await play(sandbox.ready, tell);
    const names = new Map(Object.entries(sandbox.ready.slack.users).map(([name, id]) => [id, name]));
    console.log(`\nThe channel #security as people saw it, times in UTC\n\n${transcript(played, names)}\n`);
    console.log(`Request to acknowledgement: ${list(played.acknowledged)}`);
    console.log(`Alert to proof, or to the question, in the channel: ${list(played.proven)}\n`);
    if (played.mistakes.length === 0) {
      console.log(`All ${played.checked.length} statements about tokens agree with the providers.`);
      return;
    }
    console.log(`${played.mistakes.length} of ${played.checked.length} statements do NOT agree with the providers:`);
    for (const mistake of played.mistakes) console.log(`  ${mistake}`);
    process.exitCode = 1;
  } finally {
    await sandbox.close();
  }
}

if (import.meta.main) {
  await runMain(main);
  process.exit();
}
