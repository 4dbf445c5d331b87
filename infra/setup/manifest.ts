import { findAccount, readOutputs } from './survey-account.ts';
import { checkStage, chooseRegion, readCommandLine, runMain, Stop } from '../command-line.ts';
import { toCreateLink, toManifest } from './to-manifest.ts';

const USAGE = `npm run manifest -- --stage NAME [options]

Prints the manifest of the Slack app, and the address at which it becomes one.

  --stage NAME    which one: lower-case letters and digits
  --region NAME   the AWS region (AWS_REGION, AWS_DEFAULT_REGION, eu-central-1)
  --url URL       Slack's request URL, where the stage is not deployed yet: https://…/slack/events
`;

/** Prints the Slack app's manifest on stdout, and around it on stderr what to do with it. */
async function manifest(): Promise<void> {
  const { values: flags } = readCommandLine({
    usage: USAGE,
    options: { stage: { type: 'string' }, region: { type: 'string' }, url: { type: 'string' } },
  });
  const stage = checkStage(flags.stage);
  const url = flags.url ?? (await readUrl(chooseRegion(flags.region, process.env), stage));
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:')
    throw new Stop('Slack calls only https addresses: give the request URL as --url https://…/slack/events.');
  const text = toManifest(url, stage);
  process.stdout.write(text);
  process.stderr.write(
    [
      '',
      'Open this address to make the app (or paste the text above under "App Manifest" of the app you have):',
      toCreateLink(text),
      '',
      `Then install it, and run: npm run setup -- --stage ${stage}`,
      '',
    ].join('\n'),
  );
}

async function readUrl(region: string, stage: string): Promise<string> {
  await findAccount(region);
  const outputs = await readOutputs(region, stage);
  const url = outputs?.['SlackEventsUrl'];
  if (url === undefined)
    throw new Stop(
      `Stage ${stage} is not deployed in ${region}: run "npm run deploy -- --stage ${stage}" first, or give --url.`,
    );
  return url;
}

await runMain(manifest);
