import { expect, it } from 'vitest';
import type { AwsCall } from '#shared/core/aws-call.ts';
import { Secret } from '#shared/core/secret.ts';
import { readDeadLetters } from '#shared/jobs/read-dead-letters.ts';

const QUEUE = 'https://sqs.test/commands-dead';

/** A queue that gives ten at a time and hides them for as long as one look lasts. */
function queueOf(bodies: readonly string[]): { readonly call: AwsCall; readonly asked: string[] } {
  const hidden = new Set<number>();
  const asked: string[] = [];
  const call: AwsCall = async (request) => {
    asked.push(`${'target' in request ? request.target : ''} ${request.endpoint}`);
    const next = bodies.flatMap((Body, id) => (hidden.has(id) ? [] : [{ MessageId: `m${id}`, Body, id }])).slice(0, 10);
    for (const { id } of next) hidden.add(id);
    return { ok: true, body: new Secret(JSON.stringify(next.length === 0 ? {} : { Messages: next })) };
  };
  return { call, asked };
}

it('reads all that fit into one look, and takes none of them away', async () => {
  const bodies = Array.from({ length: 23 }, (_, index) => `body ${index}`);
  const { call, asked } = queueOf(bodies);
  expect(await readDeadLetters(call, QUEUE)).toEqual(bodies);
  expect(new Set(asked)).toEqual(new Set([`AmazonSQS.ReceiveMessage ${QUEUE}`]));
  expect(await readDeadLetters(queueOf([]).call, QUEUE)).toEqual([]);
});

it('ends when there are more than it reads at once', async () => {
  const { call } = queueOf(Array.from({ length: 500 }, (_, index) => `body ${index}`));
  expect(await readDeadLetters(call, QUEUE)).toHaveLength(50);
});

it.each<[string, AwsCall]>([
  ['refuses', async () => ({ ok: false, refusal: { status: 403, code: 'AccessDenied' } })],
  ['does not answer', () => Promise.reject(new TypeError('fetch failed'))],
  ['answers something else', async () => ({ ok: true, body: new Secret('<html>') })],
])('takes nothing for none where SQS %s', async (_, call) => {
  await expect(readDeadLetters(call, QUEUE)).rejects.toMatchObject({ code: 'store_unavailable' });
});
