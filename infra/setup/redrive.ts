import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { checkStage, checkStageName, chooseRegion, readCommandLine, runMain, Stop } from '../command-line.ts';
import { findAccount } from './survey-account.ts';

const USAGE = `npm run redrive -- --stage NAME [options]

Brings back every job that was given up (dead letters). No job is done twice: each remembers what it has done.

  --stage NAME    which one: lower-case letters and digits
  --region NAME   the AWS region (AWS_REGION, AWS_DEFAULT_REGION, eu-central-1)
`;

/** Those that are just looked at are hidden for a second. */
const COUNTED = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;

/** Few enough not to starve what is asked meanwhile. */
const PER_SECOND = 5;

/** Moves the dead letters of a stage back into their queues. */
async function redrive(): Promise<void> {
  const { values: flags } = readCommandLine({
    usage: USAGE,
    options: { stage: { type: 'string' }, region: { type: 'string' } },
  });
  // The sandbox's queues are reached by their address alone.
  const isLocal = process.env['AWS_ENDPOINT_URL_SQS'] !== undefined;
  const stage = isLocal ? checkStageName(flags.stage) : checkStage(flags.stage);
  const region = chooseRegion(flags.region, process.env);
  const { account, who } = await findAccount(region);
  console.log(`Dead letters of stage ${stage} in account ${account}, ${region}, as ${who}.`);
  const client = new SQSClient({ region });
  for (const name of ['leaks-dead', 'commands-dead']) console.log(await moveBack(client, `patrol-${stage}-${name}`));
}

async function moveBack(client: SQSClient, QueueName: string): Promise<string> {
  try {
    const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName }));
    const { Attributes = {} } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn', ...COUNTED] }),
    );
    const waiting = COUNTED.reduce((sum, name) => sum + Number(Attributes[name] ?? '0'), 0);
    if (waiting === 0) return `✔ ${QueueName}: is empty`;
    await client.send(
      new StartMessageMoveTaskCommand({
        SourceArn: Attributes['QueueArn'],
        MaxNumberOfMessagesPerSecond: PER_SECOND,
      }),
    );
    return `✔ ${QueueName}: about ${waiting} jobs go back, ${PER_SECOND} a second`;
  } catch (error) {
    const name = error instanceof Error ? error.name : 'unknown';
    throw new Stop(
      /AccessDenied/.test(name)
        ? `${QueueName}: you may not bring its jobs back. Only the role that deployed the stage may, or the one named in PATROL_REDRIVE_ROLE at a deploy.`
        : `${QueueName}: its jobs were not brought back (${name}). Is the stage deployed in this region, and no redrive running?`,
    );
  }
}

await runMain(redrive);
