import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { createItems } from '#shared/store/dynamo/items.ts';
import { createNotes } from '#shared/store/dynamo/notes.ts';
import { findAccount, readOutputs } from './survey-account.ts';
import type { Notes } from '#shared/store/store.ts';
import { checkStage, chooseRegion, readCommandLine, runMain, Stop } from '../command-line.ts';
import { examineAddresses, examineEndpoints, examineQueues } from './examine-deployment.ts';
import { examineChannels } from './examine-channels.ts';
import { examinePeople } from './examine-people.ts';
import { examineProtected } from './examine-protected.ts';
import { examineSecrets } from './examine-secrets.ts';
import { findExampleIds } from './find-example-ids.ts';
import { type Examination, fine, toLines, wrong } from './examination.ts';
import { listItems } from './list-items.ts';
import { readStagePolicy } from './read-stage-policy.ts';
import { createVault } from './vault.ts';

const USAGE = `npm run doctor -- --stage NAME [options]

Looks at everything that a deployed stage needs and says what to do about each finding. Changes nothing.

  --stage NAME    which one: lower-case letters and digits
  --region NAME   the AWS region (AWS_REGION, AWS_DEFAULT_REGION, eu-central-1)
`;

/** Looks at everything that a stage needs and says what to do about each finding. Changes nothing. */
async function doctor(): Promise<void> {
  const { values: flags } = readCommandLine({
    usage: USAGE,
    options: { stage: { type: 'string' }, region: { type: 'string' } },
  });
  const stage = checkStage(flags.stage);
  const region = chooseRegion(flags.region, process.env);
  const policy = readStagePolicy(stage);
  const { account, who } = await findAccount(region);
  console.log(`Stage ${stage}, account ${account}, ${region}, as ${who}`);

  const vault = createVault(new SecretsManagerClient({ region }), stage);
  const outputs = await readOutputs(region, stage);
  const items = listItems({ policy, stage, region, environment: process.env });
  const examples = findExampleIds(policy);
  const slackUrl = process.env['SLACK_API_URL'] ?? 'https://slack.com/api/';
  const examinations: readonly Examination[] = [
    outputs === undefined
      ? wrong('stack', `patrol-${stage} is not deployed in ${region}`, `npm run deploy -- --stage ${stage}`)
      : fine('stack', `patrol-${stage} is deployed`),
    examples.length > 0
      ? wrong(
          'policy',
          `still has the sandbox's ids (${examples.length})`,
          `write your own into infra/policy.${stage}.yml and deploy`,
        )
      : fine(
          'policy',
          `${Object.keys(policy.profiles).length} profiles, ${policy.alerts.sources.length} alert sources, mode ${policy.mode}`,
        ),
    ...(await examineSecrets(items, vault, stage)),
    ...(await examineChannels(policy, vault, slackUrl)),
    ...(await examinePeople(policy, vault, slackUrl)),
    ...(await examineProtected(policy, vault, openNotes(region, stage))),
    ...(outputs === undefined ? [] : examineAddresses(outputs, process.env)),
    ...(outputs === undefined ? [] : await examineEndpoints(outputs, policy)),
    ...(outputs === undefined ? [] : await examineQueues(new SQSClient({ region }), stage)),
  ];
  for (const line of toLines(examinations)) console.log(line);
  const failed = examinations.filter(({ state }) => state === 'wrong').length;
  if (failed > 0) throw new Stop(`\n${failed} of ${examinations.length} things need you.`);
  console.log(`\nAll ${examinations.length} things are well. In Slack: /pat list`);
}

/** The stage's own notes, of which the doctor reads what the weekly report has told. */
function openNotes(region: string, stage: string): Notes {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region }));
  const items = createItems({ client, table: `patrol-${stage}`, sleep, newId: randomUUID });
  return createNotes({ items, now: () => new Date(), newId: randomUUID });
}

await runMain(doctor);
