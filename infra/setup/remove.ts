import { DeleteTableCommand, DynamoDBClient, UpdateTableCommand, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { DeleteSecretCommand, paginateListSecrets, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { findAccount, readOutputs } from './survey-account.ts';
import { checkStage, chooseRegion, readCommandLine, runMain, runProgram, Stop } from '../command-line.ts';
import { createPrompt } from './prompt.ts';

const USAGE = `npm run remove -- --stage NAME [options]

Removes the stack, once the stage's name was typed. Table and secrets stay.

  --stage NAME    which one: lower-case letters and digits
  --region NAME   the AWS region (AWS_REGION, AWS_DEFAULT_REGION, eu-central-1)
  --delete-data   removes the table with the audit record and all secrets, too
  --confirm NAME  the stage's name once more, instead of being asked
`;

/** Removes the stack. Table and secrets stay, unless `--delete-data` is given and the stage's name typed. */
async function remove(): Promise<void> {
  const { values: flags } = readCommandLine({
    usage: USAGE,
    options: {
      stage: { type: 'string' },
      region: { type: 'string' },
      'delete-data': { type: 'boolean', default: false },
      confirm: { type: 'string' },
    },
  });
  const stage = checkStage(flags.stage);
  const region = chooseRegion(flags.region, process.env);
  const { account } = await findAccount(region);
  const what = flags['delete-data']
    ? 'the stack, THE TABLE WITH THE AUDIT RECORD, AND ALL SECRETS'
    : 'the stack (table and secrets stay)';
  console.log(`This removes ${what} of stage ${stage} in account ${account}, ${region}.`);
  const typed = flags.confirm ?? (await askForStage(stage));
  if (typed !== stage) throw new Stop('Nothing was removed.');

  const isDeployed = (await readOutputs(region, stage)) !== undefined;
  if (!isDeployed) console.log(`There is no stack patrol-${stage} here.`);
  if (isDeployed) await removeStack(region, stage);
  if (!flags['delete-data']) {
    console.log(
      `The table patrol-${stage} and the secrets patrol/${stage}/… were kept; the next deploy takes them up again.`,
    );
    return;
  }
  await deleteTable(region, `patrol-${stage}`);
  const names = await deleteSecrets(region, `patrol/${stage}/`);
  console.log(
    `Deleted the table patrol-${stage}. ${names.length} secrets will be gone in 7 days; until then "aws secretsmanager restore-secret" brings one back.`,
  );
}

async function removeStack(region: string, stage: string): Promise<void> {
  await runProgram(process.execPath, ['infra/build.ts', '--stage', stage]);
  await runProgram(
    process.execPath,
    ['node_modules/osls/bin/serverless.js', 'remove', '--stage', stage, '--region', region],
    { AWS_REGION: region, SLS_NOTIFICATIONS_MODE: 'off' },
  );
}

/** Asks for the stage's name; the input's end counts as a no. */
async function askForStage(stage: string): Promise<string> {
  const prompt = createPrompt(process.stdin, process.stdout, 'The input ended here; nothing was removed.');
  try {
    return await prompt.text(`Type ${stage} to go on`, () => undefined);
  } catch {
    return '';
  } finally {
    prompt.close();
  }
}

const isGone = (error: unknown): boolean => error instanceof Error && error.name === 'ResourceNotFoundException';

async function deleteTable(region: string, name: string): Promise<void> {
  const client = new DynamoDBClient({ region });
  try {
    await client.send(new UpdateTableCommand({ TableName: name, DeletionProtectionEnabled: false }));
    await waitUntilTableExists({ client, maxWaitTime: 120 }, { TableName: name });
    await client.send(new DeleteTableCommand({ TableName: name }));
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

async function deleteSecrets(region: string, prefix: string): Promise<readonly string[]> {
  const client = new SecretsManagerClient({ region });
  const names: string[] = [];
  for await (const page of paginateListSecrets({ client }, { Filters: [{ Key: 'name', Values: [prefix] }] })) {
    for (const { Name } of page.SecretList ?? []) if (Name?.startsWith(prefix) === true) names.push(Name);
  }
  for (const name of names) await client.send(new DeleteSecretCommand({ SecretId: name, RecoveryWindowInDays: 7 }));
  return names;
}

await runMain(remove);
