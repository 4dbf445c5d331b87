import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { tryParseJson } from '#shared/core/try-parse-json.ts';
import { checkStage, chooseRegion, readCommandLine, runMain, Stop } from '../command-line.ts';
import { findAccount } from './survey-account.ts';
import { readStagePolicy } from './read-stage-policy.ts';

const USAGE = `npm run reconcile -- --stage NAME [options]

Compares GitHub's open secret alerts about our tokens with the cases: each that never arrived becomes a report. It reads the
repositories of alerts.repositories in the policy, else all that GitHub's token sees. The deployed functions do the same every day.

  --stage NAME    which one: lower-case letters and digits
  --region NAME   the AWS region (AWS_REGION, AWS_DEFAULT_REGION, eu-central-1)
`;

const answerSchema = z.object({
  open: z.number(),
  ours: z.number(),
  missed: z.number(),
  unread: z.array(z.string()),
});

/** Has a deployed stage compare GitHub's open alerts with its cases, and says what came of it. */
async function reconcile(): Promise<void> {
  const { values: flags } = readCommandLine({
    usage: USAGE,
    options: { stage: { type: 'string' }, region: { type: 'string' } },
  });
  const stage = checkStage(flags.stage);
  const region = chooseRegion(flags.region, process.env);
  const { alerts } = readStagePolicy(stage);
  if (!alerts.sources.includes('github')) throw new Stop('The policy does not name "github" in alerts.sources.');
  const { account, who } = await findAccount(region);
  console.log(`Stage ${stage} in account ${account}, ${region}, as ${who}. This may take minutes.`);
  const answer = await invoke(region, `patrol-${stage}-hygiene`);
  console.log(
    `${answer.open} open alerts, ${answer.ours} of them about tokens of ours, ${answer.missed} of which no case knew.`,
  );
  if (answer.missed > 0) console.log('Their cards come into the security channel now.');
  if (answer.unread.length > 0)
    throw new Stop(
      `Not read: ${answer.unread.join(', ')}. GitHub's token needs "Secret scanning alerts: read" there; a name needs a plain owner.`,
    );
}

async function invoke(region: string, FunctionName: string): Promise<z.infer<typeof answerSchema>> {
  const client = new LambdaClient({ region, maxAttempts: 1 });
  const reply = await client
    .send(new InvokeCommand({ FunctionName, Payload: JSON.stringify({ task: 'reconcile' }) }))
    .catch((error: unknown) => {
      const name = error instanceof Error ? error.name : 'unknown';
      throw new Stop(`${FunctionName} could not be called (${name}). Is the stage deployed in this region?`);
    });
  const text = Buffer.from(reply.Payload ?? []).toString();
  const answer = answerSchema.safeParse(tryParseJson(text));
  if (reply.FunctionError !== undefined || !answer.success)
    throw new Stop(`${FunctionName} failed: its log says why. What it has queued stays queued; run this again.`);
  return answer.data;
}

await runMain(reconcile);
