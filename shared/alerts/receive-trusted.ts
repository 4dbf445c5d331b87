import { allEnded } from '#shared/core/all-ended.ts';
import type { Envelope } from './envelope.ts';
import { type Received, type ReceiveDeps, receiveReading, refuse } from './receive-alert.ts';
import type { Reading } from './source.ts';
import { readEventBridge } from './sources/read-event-bridge.ts';
import { readSnsMessage } from './sources/sns.ts';

interface Allowed {
  /** Sources that the policy has switched on. */
  readonly sources: readonly string[];
  readonly snsTopics: readonly string[];
}

export interface TrustedDelivery {
  readonly source: 'sns' | 'eventbridge';
  readonly received: Received;
}

/**
 * Takes what reached the function through IAM: messages of a subscribed topic, or an event of a rule. Nobody waits for an
 * answer; a delivery that the policy does not allow is ignored and says so in its log fields.
 */
export async function receiveTrusted(
  envelope: Extract<Envelope, { kind: 'sns' | 'eventbridge' }>,
  allowed: Allowed,
  deps: ReceiveDeps,
): Promise<readonly TrustedDelivery[]> {
  const { kind } = envelope;
  const take = async (content: unknown, read: () => Reading): Promise<TrustedDelivery> => {
    const origin = { source: { name: kind }, content: Buffer.from(JSON.stringify(content)) };
    const isOn = allowed.sources.includes(kind);
    try {
      return {
        source: kind,
        received: await receiveReading(isOn ? read() : { kind: 'ignored', why: 'switched off' }, origin, deps),
      };
    } catch (error) {
      return { source: kind, received: refuse(error) };
    }
  };
  if (kind === 'eventbridge') {
    const { detail, source, 'detail-type': type } = envelope.event;
    return [await take([source, type, detail], () => readEventBridge(envelope.event))];
  }
  return allEnded(
    envelope.messages.map((message) =>
      take([message.TopicArn, message.Message], () =>
        allowed.snsTopics.includes(message.TopicArn)
          ? readSnsMessage(message)
          : { kind: 'ignored', why: 'topic is not in alerts.snsTopics' },
      ),
    ),
  );
}
