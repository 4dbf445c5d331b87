import { expect, it } from 'vitest';
import type { AwsCall } from '#shared/core/aws-call.ts';
import { Secret } from '#shared/core/secret.ts';
import { countDeadLetters } from '#shared/jobs/count-dead-letters.ts';

const queues = { leaks: 'https://sqs.test/leaks-dead', commands: 'https://sqs.test/commands-dead' };

it('counts what waits in both queues, also what somebody is looking at', async () => {
  const call: AwsCall = async ({ endpoint }) => {
    const [seen, hidden] = endpoint === queues.leaks ? ['9', '3'] : ['0', '0'];
    const Attributes = { ApproximateNumberOfMessages: seen, ApproximateNumberOfMessagesNotVisible: hidden };
    return { ok: true, body: new Secret(JSON.stringify({ Attributes })) };
  };
  expect(await countDeadLetters(call, queues)).toEqual({ leaks: 12, commands: 0 });
});

it.each<[string, AwsCall]>([
  ['refuses', async () => ({ ok: false, refusal: { status: 403, code: 'AccessDenied' } })],
  ['does not answer', () => Promise.reject(new TypeError('fetch failed'))],
  ['answers something else', async () => ({ ok: true, body: new Secret('<html>') })],
])('takes nothing for none where SQS %s', async (_, call) => {
  await expect(countDeadLetters(call, queues)).rejects.toMatchObject({ code: 'store_unavailable' });
});
