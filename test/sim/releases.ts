import { unpack, pack, type Packed } from '#shared/store/dynamo/packed.ts';
import { openJob, signJob } from '#shared/jobs/sign-job.ts';
import { JOB_KEY, type Rim } from './bot.ts';
import type { Handler } from './queue.ts';
import type { World } from './world.ts';

/** What the next release adds to everything that it stores or queues: a field that this one has never heard of. */
const ADDED = 'addedByTheNextRelease';

/** Kinds of jobs that the next release calls otherwise: this one does not know them. */
const RENAMED: Readonly<Record<string, string>> = {
  action: 'press',
  wake: 'call-out',
  'read-again': 'look-again',
};
const FORMER = Object.fromEntries(Object.entries(RENAMED).map(([former, name]) => [name, former]));

type Json = Readonly<Record<string, any>>;

/**
 * The bot as its next release will be: it reads what this one has written, which lacks the new field, and writes records,
 * notes, journals and jobs with it.
 */
export function asNextRelease(rim: Rim): Rim {
  const send = (command: { readonly input: any }) => {
    const { input } = command;
    if (input.Item !== undefined) input.Item = withMore(input.Item);
    return rim.client.send(command as never);
  };
  return {
    ...rim,
    client: { send } as never,
    call: (request) => {
      const entries = 'json' in request ? (request.json['Entries'] as readonly Json[] | undefined) : undefined;
      if (!('json' in request) || entries?.[0]?.['MessageBody'] === undefined) return rim.call(request);
      const Entries = entries.map((entry) => ({
        ...entry,
        MessageBody: reSigned(entry['MessageBody'], rim.now(), asOfNext),
      }));
      return rim.call({ ...request, json: { ...request.json, Entries } });
    },
  };
}

/** This release, which tells the world whenever it is given something that the next one has written. */
export function asThisRelease(rim: Rim, world: World): Rim {
  const send = async (command: unknown) => {
    const reply: Json = await rim.client.send(command as never);
    const items: readonly (Json | undefined)[] = reply['Items'] ?? [reply['Item'] ?? reply['Attributes']];
    if (items.some((item) => item?.[ADDED] !== undefined))
      world.occur('a record of the next release is read by this one');
    return reply;
  };
  return { ...rim, client: { send } as never };
}

/** The next release's worker, which knows the jobs of both. */
export function asNextWorker(handler: Handler, now: () => Date): Handler {
  return (event, context) => {
    const Records = event.Records.map((record) => ({ ...record, body: inThisRelease(record.body, now()) }));
    return handler({ ...event, Records }, context);
  };
}

/** This release's worker, which tells the world whenever it is given a kind of job that it does not know. */
export function toldOfUnknown(handler: Handler, world: World): Handler {
  return (event, context) => {
    if (event.Records.some(({ body }) => isUnknownHere(body)))
      world.occur('a job that only the next release knows is given to this one');
    return handler(event, context);
  };
}

/** True for a job that the next release has queued. */
export const isOfNextRelease = (body: string): boolean => body.includes(ADDED);

/** True for a job of a kind that only the next release knows. */
export const isUnknownHere = (body: string): boolean => formerKind(body) !== undefined;

function formerKind(body: string): string | undefined {
  const { kind = '' } = JSON.parse(body) as { readonly kind?: string };
  return FORMER[kind];
}

/** A job as this release writes it. */
function inThisRelease(body: string, now: Date): string {
  const kind = formerKind(body);
  return kind === undefined ? body : reSigned(body, now, (job) => ({ ...job, kind }));
}

const asOfNext = (job: Json): Json => ({
  ...job,
  ...(job['kind'] in RENAMED && { kind: RENAMED[job['kind']] }),
  [ADDED]: { why: 'because' },
});

function withMore(item: Json): Json {
  const body = unpack<unknown>(item['body'] as Packed | undefined);
  const isRecord = typeof body === 'object' && body !== null && !Array.isArray(body);
  return { ...item, [ADDED]: 1, ...(isRecord ? { body: pack({ ...body, [ADDED]: { why: 'because' } }) } : {}) };
}

function reSigned(body: string, now: Date, change: (job: Json) => Json): string {
  const opened = openJob(JOB_KEY, body, now);
  if (!('job' in opened)) throw new Error('a job of ours is not signed');
  return signJob(JOB_KEY, change(opened.job as Json));
}
