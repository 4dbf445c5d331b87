import { Fault } from '#shared/core/fault.ts';
import type { SnsMessage } from '../envelope.ts';
import { parseJson } from '../parse-json.ts';
import type { AlertRequest, Reading, Source } from '../source.ts';
import {
  type FetchCertificate,
  type SnsHttpMessage,
  signedText,
  snsHttpSchema,
  verifySnsMessage,
} from '../verify/verify-sns-message.ts';
import { readWrappedText } from './read-wrapped.ts';

interface SnsDeps {
  /** Topics that may speak, by ARN. */
  readonly topics: readonly string[];
  readonly fetchCertificate: FetchCertificate;
}

function parseMessage(request: AlertRequest): SnsHttpMessage {
  const parsed = snsHttpSchema.safeParse(parseJson(request.body));
  if (!parsed.success) throw new Fault('payload_invalid', 'body is no SNS message');
  return parsed.data;
}

/** Reads what a topic carries: the form of another source, or prose, which can only be told. */
export function readSnsMessage({ Message, MessageId, TopicArn }: SnsMessage): Reading {
  const reading = readWrappedText(Message, `SNS topic ${TopicArn.split(':').at(-1) ?? ''}`);
  return reading.kind === 'findings' ? { ...reading, deliveryId: MessageId } : reading;
}

/**
 * SNS over HTTPS. Its signature stands inside the body, so that here alone the body is parsed before it is verified, by a
 * strict schema. A subscription is confirmed through the API by the worker; `SubscribeURL` is never fetched.
 */
export function createSns({ topics, fetchCertificate }: SnsDeps): Source {
  return {
    name: 'sns',
    routes: [{ method: 'POST', path: 'sns' }],
    needs: 'none',
    verify: async (request, _keys, nowSeconds) => {
      let message: SnsHttpMessage;
      try {
        message = parseMessage(request);
      } catch {
        throw new Fault('signature_missing', 'body is no signed SNS message');
      }
      await verifySnsMessage(message, { topics, fetchCertificate, nowSeconds });
    },
    read: (request) => {
      const message = parseMessage(request);
      switch (message.Type) {
        case 'SubscriptionConfirmation':
          return {
            kind: 'answered',
            status: 200,
            job: { kind: 'sns-confirm', topicArn: message.TopicArn, token: message.Token },
          };
        case 'UnsubscribeConfirmation':
          return { kind: 'ignored', why: 'unsubscribed' };
        case 'Notification': {
          const reading = readSnsMessage(message);
          return reading.kind === 'findings' ? { ...reading, signed: signedText(message) } : reading;
        }
      }
    },
  };
}
