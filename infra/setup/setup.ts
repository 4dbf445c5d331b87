import { randomBytes } from 'node:crypto';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Secret } from '#shared/core/secret.ts';
import { findAccount } from './survey-account.ts';
import { checkStage, chooseRegion, readCommandLine, runMain, Stop } from '../command-line.ts';
import { readGivenFile } from './read-given-file.ts';
import type { GivenSecrets, Item } from './item.ts';
import { putItem, readItem } from './put-item.ts';
import { listItems } from './list-items.ts';
import { createPrompt, type Prompt } from './prompt.ts';
import { readStagePolicy } from './read-stage-policy.ts';
import { createVault, type Vault } from './vault.ts';

const USAGE = `npm run setup -- --stage NAME [options]

Asks for the stage's secrets, tries each, and stores what works in Secrets Manager. Safe to run again.

  --stage NAME    which one: lower-case letters and digits
  --region NAME   the AWS region (AWS_REGION, AWS_DEFAULT_REGION, eu-central-1)
  --only A,B      only these: slack, github, profiles, alerts, or one of them, as alerts/gitlab
  --compromised   the values from before have leaked: they are accepted no more, not even for a while
  --from FILE     take them from a file of JSON that only you can read, instead of asking
`;

const ENDED = 'The input ended here. What was stored before stays stored; run setup again for the rest.';

/** Fills a stage's secrets, each tried before it is stored. Safe to run again: what works is left as it is. */
async function setup(): Promise<void> {
  const { values: flags } = readCommandLine({
    usage: USAGE,
    options: {
      stage: { type: 'string' },
      region: { type: 'string' },
      from: { type: 'string' },
      only: { type: 'string' },
      compromised: { type: 'boolean' },
    },
  });
  const stage = checkStage(flags.stage);
  const region = chooseRegion(flags.region, process.env);
  const items = choose(
    listItems({ policy: readStagePolicy(stage), stage, region, environment: process.env }),
    flags.only,
  );
  const given = flags.from === undefined ? undefined : readGivenFile(flags.from);
  if (given !== undefined) refuseUnknown(given, items);
  const { account } = await findAccount(region);
  console.log(`Secrets of stage ${stage} in account ${account}, ${region}.`);

  const vault = createVault(new SecretsManagerClient({ region }), stage, {
    givesUpPrevious: flags.compromised === true,
  });
  if ((await vault.read('fingerprint')) === undefined) {
    await vault.put('fingerprint', new Secret(JSON.stringify({ key: randomBytes(48).toString('base64url') })));
    console.log('✔ fingerprint: made');
  }
  const stored = given === undefined ? await askAll(items, vault) : await takeAll(items, given, vault);
  if (flags.compromised === true)
    console.log('The values from before are accepted no more, once the functions have read again: within 5 minutes.');
  const todo = stored.flatMap((item) => item.afterwards());
  if (todo.length > 0) console.log(['', 'At the other side:', ...todo.map((line) => `  ${line}`)].join('\n'));
  console.log(`\nNow run: npm run doctor -- --stage ${stage}`);
}

function choose(items: readonly Item[], only: string | undefined): readonly Item[] {
  if (only === undefined) return items;
  const wanted = only.split(',');
  const fits = (name: string, want: string): boolean => name === want || name.startsWith(`${want}/`);
  const unknown = wanted.find((want) => !items.some(({ name }) => fits(name, want)));
  if (unknown !== undefined)
    throw new Stop(`Nothing is called "${unknown}" here; there are ${items.map(({ name }) => name).join(', ')}.`);
  return items.filter(({ name }) => wanted.some((want) => fits(name, want)));
}

/** A profile or source in the file that the policy does not have is a slip of the pen, not something to skip silently. */
function refuseUnknown({ alerts, profiles }: GivenSecrets, items: readonly Item[]): void {
  const names = [
    ...Object.keys(alerts ?? {}).map((name) => `alerts/${name}`),
    ...Object.keys(profiles ?? {}).map((name) => `profiles/${name}`),
  ];
  const unknown = names.filter((name) => !items.some((item) => item.name === name));
  if (unknown.length > 0)
    throw new Stop(`The policy of this stage has no ${unknown.join(', ')}: add it there, or take it out of the file.`);
}

async function askAll(items: readonly Item[], vault: Vault): Promise<readonly Item[]> {
  const prompt = createPrompt(process.stdin, process.stdout, ENDED);
  try {
    const stored: Item[] = [];
    for (const item of items) if (await askOne(item, prompt, vault)) stored.push(item);
    return stored;
  } finally {
    prompt.close();
  }
}

async function askOne(item: Item, prompt: Prompt, vault: Vault): Promise<boolean> {
  prompt.say('');
  const isStored = (await readItem(vault, item)) !== undefined;
  const wanted = isStored
    ? await prompt.confirm(`${item.title} is stored. Replace it?`, false)
    : await prompt.confirm(`${item.title} is not set up. Do it now?`, item.isNeeded);
  if (!wanted) return false;
  for (;;) {
    const value = await item.ask(prompt);
    if (value === undefined) return false;
    const { works, notes, advice } = await item.check(value);
    for (const note of [...notes, ...(advice === undefined ? [] : [advice])]) prompt.say(`  ${note}`);
    if (works) {
      prompt.say(`✔ ${item.name}: ${await putItem(vault, item, value)}`);
      return true;
    }
    if (!(await prompt.confirm('It was not stored. Try again?', true))) return false;
  }
}

async function takeAll(items: readonly Item[], given: GivenSecrets, vault: Vault): Promise<readonly Item[]> {
  const stored: Item[] = [];
  let failed = 0;
  for (const item of items) {
    const value = item.take(given);
    if (value === undefined) continue;
    const { works, notes, advice } = await item.check(value);
    console.log(`${works ? '✔' : '✖'} ${item.name}: ${works ? await putItem(vault, item, value) : 'NOT stored'}`);
    for (const note of [...notes, ...(advice === undefined ? [] : [advice])]) console.log(`    ${note}`);
    if (works) stored.push(item);
    else failed += 1;
  }
  if (failed > 0)
    throw new Stop(
      `${failed} of the given secrets did not work and ${failed === 1 ? 'was' : 'were'} not stored; the others were.`,
    );
  return stored;
}

await runMain(setup);
