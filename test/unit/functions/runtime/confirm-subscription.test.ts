import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { confirmSubscription } from '#functions/runtime/confirm-subscription.ts';
import type { AwsCall, AwsReply } from '#shared/core/aws-call.ts';
import { Secret } from '#shared/core/secret.ts';

type Sent = Parameters<AwsCall>[0];

/** SNS that answers so, and what was asked of it. */
function startSns(answer: () => Promise<AwsReply> = async () => ({ ok: true, body: new Secret('<xml/>') })) {
  const sent: Sent[] = [];
  const call: AwsCall = (request) => {
    sent.push(request);
    return answer();
  };
  return { sent, call };
}

const arn = (region: string) => `arn:aws:sns:${region}:000000000000:leaks`;
const refusing = (status: number) => startSns(async () => ({ ok: false, refusal: { status, code: 'unknown' } }));

describe('confirmSubscription', () => {
  it.each(['eu-central-1', 'us-gov-west-1', 'cn-north-1'])("asks SNS in the topic's own region %s", async (region) => {
    const { sent, call } = startSns();
    await confirmSubscription({ call }, { topicArn: arn(region), token: 't' });
    expect(sent).toEqual([
      {
        service: 'sns',
        region,
        form: {
          Action: 'ConfirmSubscription',
          Version: '2010-03-31',
          TopicArn: arn(region),
          Token: 't',
          AuthenticateOnUnsubscribe: 'true',
        },
      },
    ]);
  });

  it.each([
    '',
    'evil.example/x',
    'evil.example#-1',
    'eu-central-1.evil.example',
    'eu-central-1\n',
    'EU-CENTRAL-1',
    '1',
  ])('sends nothing for the region %j', async (region) => {
    const { sent, call } = startSns();
    await expect(confirmSubscription({ call }, { topicArn: arn(region), token: 't' })).rejects.toThrow(
      'config_invalid',
    );
    expect(sent).toEqual([]);
  });

  it('builds no host but one of SNS, whatever the topic says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), async (topicArn) => {
        const { sent, call } = startSns();
        await confirmSubscription({ call }, { topicArn, token: 't' }).catch(() => undefined);
        for (const { region } of sent) {
          expect(new URL(`https://sns.${region}.amazonaws.com/`).hostname).toBe(`sns.${region}.amazonaws.com`);
        }
      }),
    );
  });

  it.each([
    [500, 'keys_unavailable'],
    [429, 'keys_unavailable'],
    [403, 'config_invalid'],
  ])('reads HTTP %d as %s', async (status, code) => {
    await expect(
      confirmSubscription({ call: refusing(status).call }, { topicArn: arn('eu-central-1'), token: 't' }),
    ).rejects.toThrow(code);
  });

  it('says that keys are unavailable when nothing answers', async () => {
    const { call } = startSns(() => Promise.reject(new Error('reset')));
    await expect(confirmSubscription({ call }, { topicArn: arn('eu-central-1'), token: 't' })).rejects.toThrow(
      'keys_unavailable',
    );
  });
});
