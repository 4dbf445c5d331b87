import { unpack, pack, type Packed } from '#shared/store/dynamo/packed.ts';
import { openJob, signJob } from '#shared/jobs/sign-job.ts';
import { JOB_KEY, type Rim } from './bot.ts';
import type { World } from './world.ts';

/** What the next release adds to everything that it stores or queues: a field that this one has never heard of. */
const ADDED = 'addedByTheNextRelease';

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
      const Entries = entries.map((entry) => ({ ...entry, MessageBody: reSigned(entry['MessageBody'], rim.now()) }));
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

/** True for a job that the next release has queued. */
export const isOfNextRelease = (body: string): boolean => body.includes(ADDED);

function withMore(item: Json): Json {
  const body = unpack<unknown>(item['body'] as Packed | undefined);
  const isRecord = typeof body === 'object' && body !== null && !Array.isArray(body);
  return { ...item, [ADDED]: 1, ...(isRecord ? { body: pack({ ...body, [ADDED]: { why: 'because' } }) } : {}) };
}

function reSigned(body: string, now: Date): string {
  const opened = openJob(JOB_KEY, body, now);
  if (!('job' in opened)) throw new Error('a job of ours is not signed');
  return JSON.stringify(signJob(JOB_KEY, { ...(opened.job as object), [ADDED]: { why: 'because' } }));
}
