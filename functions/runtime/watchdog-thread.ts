import { defined } from '#shared/core/defined.ts';
import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { createPostpone } from '#shared/jobs/postpone.ts';
import { noteKey } from '#shared/store/dynamo/keys.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { ownCall } from './own-call.ts';
import { type Beat, HELD_SECONDS, heldNote, type Watched, type WatchdogData } from './watchdog-data.ts';

/** How long the loop may be silent while jobs run. Counted in own ticks: when Lambda freezes the process, both stand still. */
const SILENT_MS = 5000;

const { heartbeat, beatMs, region, table, tableEndpoint, queueUrl, function: name } = workerData as WatchdogData;
const now = () => new Date();
const call = ownCall(region);
const postpone = createPostpone({ call, queueUrl, random: Math.random });
// A thread's own standard output goes through the loop that is held.
const log = createLog({ function: name }, (line) => writeSync(1, `${line}\n`), now);
const running = new Map<string, { readonly record: Watched; readonly heldBefore: number | undefined }>();
let last = 0;
let silentMs = 0;

parentPort?.on('message', (beat: Beat) => {
  if ('ends' in beat) running.delete(beat.ends);
  else running.set(beat.begins.messageId, { record: beat.begins, heldBefore: beat.heldBefore });
});

const timer = setInterval(() => {
  const now = Atomics.load(heartbeat, 0);
  silentMs = now === last && running.size > 0 ? silentMs + beatMs : 0;
  last = now;
  if (silentMs < SILENT_MS) return;
  clearInterval(timer);
  void giveUp();
}, beatMs);

/** Whatever fails here, the process ends: then the records come back when their visibility time-out is over. */
async function giveUp(): Promise<void> {
  log('error', { event: 'loop_held', count: running.size, milliseconds: silentMs });
  const isAlone = running.size === 1;
  await Promise.allSettled(
    [...running.values()].map(async ({ record, heldBefore = 0 }) => {
      await note(record.messageId, isAlone ? heldBefore + 1 : heldBefore);
      await postpone(record);
    }),
  );
  process.kill(process.pid, 'SIGKILL');
}

/** As the store writes a note. */
async function note(messageId: string, held: number): Promise<void> {
  const { pk, sk } = noteKey(heldNote(messageId));
  const ttl = Math.ceil(Date.now() / 1000) + HELD_SECONDS;
  await call({
    service: 'dynamodb',
    ...defined({ endpoint: tableEndpoint }),
    target: 'DynamoDB_20120810.PutItem',
    json: {
      TableName: table,
      Item: { pk: { S: pk }, sk: { S: sk }, body: { S: JSON.stringify(held) }, ttl: { N: String(ttl) } },
    },
  });
}
