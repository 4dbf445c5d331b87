import { expect, it } from 'vitest';
import type { AwsReply } from '#shared/core/aws-call.ts';
import { Secret } from '#shared/core/secret.ts';
import { createPostpone } from '#shared/jobs/postpone.ts';

const TAKEN: AwsReply = { ok: true, body: new Secret('{}') };
const refused = (status: number, code = 'Refused'): AwsReply => ({ ok: false, refusal: { status, code } });
const UNANSWERED = 'unanswered';

/** Gives a record back to a queue that answers like this, and no more after that; tells how often it was asked. */
async function postponed(...answers: readonly (AwsReply | typeof UNANSWERED)[]) {
  const asked: unknown[] = [];
  const postpone = createPostpone({
    call: async ({ service, ...request }) => {
      const answer = answers[asked.length] ?? UNANSWERED;
      asked.push({ service, ...request });
      if (answer === UNANSWERED) throw new Error('no answer');
      return answer;
    },
    queueUrl: 'https://sqs.test/commands',
    random: () => 1,
  });
  const isBack = await postpone({ receiptHandle: 'handle', attributes: { ApproximateReceiveCount: '3' } });
  return { isBack, asked };
}

it('hides the record for a pause that doubles', async () => {
  expect(await postponed(TAKEN)).toMatchObject({
    isBack: true,
    asked: [{ json: { ReceiptHandle: 'handle', VisibilityTimeout: 8 } }],
  });
});

it.each([
  ['is not answered', UNANSWERED],
  ['is overloaded', refused(503)],
  ['is throttled', refused(400, 'RequestThrottled')],
  ['takes no more calls', refused(429)],
] as const)('asks again where SQS %s: the record would be hidden for twelve minutes', async (_, trouble) => {
  const { isBack, asked } = await postponed(trouble, trouble, TAKEN);
  expect(isBack).toBe(true);
  expect(asked).toHaveLength(3);
  expect(new Set(asked.map((request) => JSON.stringify(request))).size).toBe(1);
});

it('asks no more for a record that is not ours any more, and not for ever', async () => {
  expect(await postponed(refused(400), TAKEN)).toMatchObject({ isBack: false, asked: { length: 1 } });
  expect(await postponed()).toMatchObject({ isBack: false, asked: { length: 4 } });
});
