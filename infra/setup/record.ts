import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { tryParseJson } from '#shared/core/try-parse-json.ts';
import type { Recorded } from '#shared/store/digest-of.ts';
import { createAuditLog } from '#shared/store/dynamo/audit-log.ts';
import { createItems } from '#shared/store/dynamo/items.ts';
import { unpack } from '#shared/store/dynamo/packed.ts';
import type { AuditEntry } from '#shared/store/store.ts';
import { checkStage, chooseRegion, readCommandLine, runMain, Stop } from '../command-line.ts';
import { findAccount } from './survey-account.ts';
import { compareRecord, type Discrepancy } from './compare-record.ts';

const USAGE = `npm run record -- --stage NAME [options]

Compares the audit record with what the functions' logs, which they cannot change, told of each entry when it was stored.
Changes nothing.

  --stage NAME    which one: lower-case letters and digits
  --region NAME   the AWS region (AWS_REGION, AWS_DEFAULT_REGION, eu-central-1)
  --days N        how far back; the logs are kept for 90 days (30)
`;

/** The functions that write into the record. */
const WRITERS = ['slack-worker', 'alert-worker', 'hygiene'] as const;
const DAY_MS = 86_400_000;
/** A log line may be some minutes late. */
const LATE_MS = 10 * 60_000;

const lineSchema = z.object({ event: z.enum(['recorded', 'recorded_again']), entry: z.string(), digest: z.string() });

const WORDS: Readonly<Record<Discrepancy['kind'], string>> = {
  gone: 'was stored and is not there any more',
  changed: 'says something else than when it was stored',
  copy: 'is whole, but a copy of it, by which it is found, is not',
  untold: 'is there, and no function has told of it',
};

/** Compares a deployed stage's record with its logs, and says of each entry that does not agree what is wrong. */
async function record(): Promise<void> {
  const { values: flags } = readCommandLine({
    usage: USAGE,
    options: { stage: { type: 'string' }, region: { type: 'string' }, days: { type: 'string', default: '30' } },
  });
  const stage = checkStage(flags.stage);
  const region = chooseRegion(flags.region, process.env);
  const days = Number(flags.days);
  if (!Number.isInteger(days) || days < 1 || days > 90) throw new Stop('--days is a number from 1 to 90.');
  const { account, who } = await findAccount(region);
  console.log(`Record of stage ${stage} in account ${account}, ${region}, as ${who}.`);
  const now = Date.now();
  const since = new Date(now - days * DAY_MS);
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region }));
  const items = createItems({ client, table: `patrol-${stage}`, sleep, newId: randomUUID });
  const told = await readTold(new CloudWatchLogsClient({ region }), stage, since);
  const stored = await createAuditLog({ items }).query({ since: since.toISOString(), limit: 1_000_000 });
  const found = await compareRecord({
    told,
    stored: stored.filter(({ at }) => Date.parse(at) < now - LATE_MS),
    read: async (key) => unpack<AuditEntry>((await items.get(key))?.body),
  });
  for (const { entry, kind } of found) console.log(`✖ ${entry} ${WORDS[kind]}`);
  if (found.length > 0)
    throw new Stop(
      `\n${found.length} entries do not agree. The table as it was at any second of the last 35 days: restore it to a point in time, under another name, and compare.`,
    );
  console.log(`✔ ${stored.length} entries of ${days} days, each as it was stored.`);
}

async function readTold(client: CloudWatchLogsClient, stage: string, since: Date): Promise<readonly Recorded[]> {
  const told: Recorded[] = [];
  for (const name of WRITERS) {
    const logGroupName = `/aws/lambda/patrol-${stage}-${name}`;
    const asked = { logGroupName, startTime: since.getTime(), filterPattern: '{ $.event = "recorded*" }' };
    try {
      for await (const { events = [] } of paginateFilterLogEvents({ client }, asked)) {
        told.push(...events.flatMap(({ message = '' }) => readLine(message)));
      }
    } catch (error) {
      const reason = error instanceof Error ? error.name : 'unknown';
      throw new Stop(`The log ${logGroupName} cannot be read (${reason}). Is the stage deployed in this region?`);
    }
  }
  return told;
}

function readLine(message: string): Recorded[] {
  const line = lineSchema.safeParse(tryParseJson(message));
  return line.success ? [{ entry: line.data.entry, digest: line.data.digest }] : [];
}

await runMain(record);
