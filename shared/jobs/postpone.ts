import type { SQSRecord } from 'aws-lambda';
import type { AwsCall, AwsReply } from '#shared/core/aws-call.ts';
import { longestPause } from './pause-seconds.ts';

interface PostponeDeps {
  readonly call: AwsCall;
  readonly queueUrl: string;
  readonly random: () => number;
}

/** What of a record is needed to give it back. */
export type Postponable = Pick<SQSRecord, 'receiptHandle'> & {
  readonly attributes: Pick<SQSRecord['attributes'], 'ApproximateReceiveCount'>;
};

/** Gives a record back to its queue for a pause; false when SQS did not take that. Never rejects. */
export type Postpone = (record: Postponable, askedSeconds?: number) => Promise<boolean>;

/** One call that is not answered would cost twelve minutes: so long a message is hidden that nobody gives back. */
const MOST_TRIES = 4;
/** The longest that SQS hides a message. */
const LONGEST_SECONDS = 43_200;

/**
 * Creates the way back into the queue: the pause doubles with each attempt and is at least what was asked for. What SQS does
 * not answer is asked again. A record that it does not take back comes when its visibility time-out ends: later than wanted,
 * and not lost.
 */
export function createPostpone({ call, queueUrl, random }: PostponeDeps): Postpone {
  return async (record, askedSeconds = 0) => {
    const attempt = Number(record.attributes.ApproximateReceiveCount);
    const ceiling = longestPause(attempt);
    // Full jitter over the upper half, so that many jobs of one outage do not come back together.
    const seconds = Math.ceil(Math.max(askedSeconds, ceiling * (0.5 + random() / 2)));
    const request = {
      service: 'sqs',
      endpoint: queueUrl,
      target: 'AmazonSQS.ChangeMessageVisibility',
      json: {
        QueueUrl: queueUrl,
        ReceiptHandle: record.receiptHandle,
        VisibilityTimeout: Math.min(seconds, LONGEST_SECONDS),
      },
    } as const;
    for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
      const changed = await call(request).catch(() => undefined);
      if (changed !== undefined && !isWorthAnother(changed)) return changed.ok;
    }
    return false;
  };
}

/** A refusal that another try may not meet: SQS was overloaded. The others say that the record is not ours any more. */
function isWorthAnother(reply: AwsReply): boolean {
  if (reply.ok) return false;
  const { status, code } = reply.refusal;
  return status >= 500 || status === 429 || code.includes('Throttl');
}
