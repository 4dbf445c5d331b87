import type { AwsCall } from '#shared/core/aws-call.ts';
import { AWS_REGION } from '#shared/core/aws-domain.ts';
import { defined } from '#shared/core/defined.ts';
import { Fault } from '#shared/core/fault.ts';

interface ConfirmDeps {
  readonly call: AwsCall;
  /** AWS's own variable for another endpoint of SNS, if set. */
  readonly endpoint?: string | undefined;
}

/**
 * Confirms an SNS subscription through the API, never by fetching the URL that a message names. Idempotent. Throws
 * `keys_unavailable` when SNS does not answer, `config_invalid` when it refuses or the topic names no region.
 */
export async function confirmSubscription(
  { call, endpoint }: ConfirmDeps,
  { topicArn, token }: { readonly topicArn: string; readonly token: string },
): Promise<void> {
  const region = topicArn.split(':')[3] ?? '';
  if (!AWS_REGION.test(region)) throw new Fault('config_invalid', 'the topic of an SNS subscription names no region');
  const reply = await call({
    service: 'sns',
    region,
    ...defined({ endpoint }),
    form: {
      Action: 'ConfirmSubscription',
      Version: '2010-03-31',
      TopicArn: topicArn,
      Token: token,
      AuthenticateOnUnsubscribe: 'true',
    },
  }).catch((cause: unknown) => {
    throw new Fault('keys_unavailable', 'SNS does not answer', { cause });
  });
  if (reply.ok) return;
  const { status } = reply.refusal;
  const isPassing = status >= 500 || status === 429;
  const detail = `SNS refused the confirmation: HTTP ${status}`;
  throw new Fault(isPassing ? 'keys_unavailable' : 'config_invalid', detail, { status });
}
