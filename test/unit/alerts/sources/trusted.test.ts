import { describe, expect, it } from 'vitest';
import { eventBridgeEvent } from '#infra/sandbox/senders/eventbridge-event.ts';
import { snsLambdaEvent } from '#infra/sandbox/senders/sign-sns-message.ts';
import { type Envelope, readEnvelope } from '#shared/alerts/envelope.ts';
import { receiveTrusted } from '#shared/alerts/receive-trusted.ts';
import '#test/support/contain-no-secret.ts';
import { checkNothing, fingerprint, now } from '#test/support/alerts.ts';
import { langsmithKey } from '#test/support/leaks.ts';

const TOPIC = 'arn:aws:sns:eu-central-1:000000000000:leaks';
const ALLOWED = { sources: ['sns', 'eventbridge'], snsTopics: [TOPIC] };
const take = (event: unknown, allowed = ALLOWED) => {
  const envelope = readEnvelope(event) as Extract<Envelope, { kind: 'sns' | 'eventbridge' }>;
  return receiveTrusted(envelope, allowed, { now, fingerprint, checkValidity: checkNothing, profiles: [] });
};
const secret = langsmithKey('pt');
const leak = { secret, provider: 'langsmith' } as const;
const withMessage = (Message: string, more: object = {}) => ({
  Records: [
    { EventSource: 'aws:sns', Sns: { Type: 'Notification', MessageId: 'm', TopicArn: TOPIC, Message, ...more } },
  ],
});
const fromAws = (source: string, detail: object) => ({
  version: '0',
  id: 'e',
  'detail-type': 'Security Hub Findings - Imported',
  source,
  detail,
});

describe('receiveTrusted', () => {
  it.each([
    ['a message of a topic', 'sns', snsLambdaEvent(leak, TOPIC)],
    ['an event of a rule', 'eventbridge', eventBridgeEvent(leak)],
  ])('seals %s', async (_name, source, event) => {
    const [delivery] = await take(event);
    expect(delivery).toMatchObject({
      source,
      received: { jobs: [{ source, report: { clue: { form: 'langsmith' } } }] },
    });
    expect(delivery).toContainNoSecret([secret]);
  });

  it.each([
    ['a gitleaks report', JSON.stringify([{ RuleID: 'x', Secret: secret, Match: secret }])],
    ['a line of TruffleHog', `${JSON.stringify({ DetectorName: 'LangSmith', Raw: secret })}\nnot json`],
    ['prose that quotes a token', `Alarm: ${secret} was seen in a log.`],
  ])('reads %s inside a message', async (_name, message) => {
    const [delivery] = await take(withMessage(message));
    expect(delivery).toMatchObject({ received: { jobs: [{ report: { clue: { form: 'langsmith' } } }] } });
    expect(delivery).toContainNoSecret([secret]);
  });

  it('only tells a GitHub alert inside a message or an event: nothing is fetched or closed for it', async () => {
    const alert = { action: 'created', alert: { number: 3 }, repository: { full_name: 'acme/payments' } };
    for (const event of [withMessage(JSON.stringify(alert)), fromAws('acme.scanner', alert)]) {
      const [delivery] = await take(event);
      expect(delivery).toMatchObject({ received: { jobs: [{ report: { where: { repository: 'acme/payments' } } }] } });
      expect(delivery).not.toHaveProperty('received.jobs.0.report.locator');
    }
  });

  it('tells prose and findings of AWS without their text', async () => {
    for (const event of [withMessage('Threshold crossed: hunter2'), fromAws('aws.guardduty', { title: 'hunter2' })]) {
      const [delivery] = await take(event);
      expect(delivery?.received.jobs).toHaveLength(1);
      expect(JSON.stringify(delivery)).not.toContain('hunter2');
    }
  });

  it.each([
    ['a source that is switched off', snsLambdaEvent(leak, TOPIC), { ...ALLOWED, sources: [] }],
    ['a topic that is not in the list', snsLambdaEvent(leak, TOPIC), { ...ALLOWED, snsTopics: [] }],
    ['an event of AWS that is no finding', fromAws('aws.ec2', { state: 'running' }), ALLOWED],
    ['a form that nobody knows', { ...fromAws('my.app', { hello: 'world' }) }, ALLOWED],
  ])('ignores %s', async (_name, event, allowed) => {
    expect(await take(event, allowed)).toMatchObject([
      { received: { status: 200, jobs: [], log: { result: 'ignored' } } },
    ]);
  });

  it('gives a redelivery the same key', async () => {
    const keyOf = async () =>
      (await take(withMessage(JSON.stringify({ secret })))).flatMap(({ received }) => received.jobs);
    expect(await keyOf()).toEqual(await keyOf());
  });
});
