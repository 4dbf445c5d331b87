import { randomUUID, sign } from 'node:crypto';
import { generalBody } from './general-body.ts';
import { type AlertSecrets, complete, type Leak, type SendOptions, type SignedAlert, type SnsKey } from './sender.ts';

type Json = Readonly<Record<string, unknown>>;
type SnsFields = Readonly<Record<string, string>>;

/** Signs a message as SNS does, version 1 (SHA-1) or 2 (SHA-256); only the fields that its type has are signed. */
export function signSnsMessage(message: SnsFields, privateKeyPem: string): SnsFields {
  const names =
    message['Type'] === 'Notification'
      ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
      : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
  const text = names.map((name) => (message[name] === undefined ? '' : `${name}\n${message[name]}\n`)).join('');
  const algorithm = message['SignatureVersion'] === '1' ? 'sha1' : 'sha256';
  return { ...message, Signature: sign(algorithm, Buffer.from(text), privateKeyPem).toString('base64') };
}

const snsRequest = (message: SnsFields, key: SnsKey) => ({
  headers: {
    'content-type': 'text/plain; charset=UTF-8',
    'user-agent': 'Amazon Simple Notification Service Agent',
    'x-amz-sns-message-type': String(message['Type']),
    'x-amz-sns-message-id': String(message['MessageId']),
    'x-amz-sns-topic-arn': key.topicArn,
  },
  body: JSON.stringify(signSnsMessage(message, key.privateKeyPem)),
});

const snsFields = (key: SnsKey, { at, id, snsVersion }: Required<SendOptions>) => ({
  MessageId: id,
  TopicArn: key.topicArn,
  Timestamp: at.toISOString(),
  SignatureVersion: snsVersion,
  SigningCertURL: key.signingCertUrl,
});

/** The fields of a text that is an SNS message already. */
function recorded(text: string): SnsFields {
  try {
    const parsed: unknown = JSON.parse(text);
    const isMessage = typeof parsed === 'object' && parsed !== null && 'Type' in parsed && 'MessageId' in parsed;
    return isMessage ? (parsed as SnsFields) : {};
  } catch {
    return {};
  }
}

/** Builds and signs the notification of a text, as SNS posts it to a subscribed address. */
export function signSnsNotification(text: string, key: SnsKey, options: Required<SendOptions>) {
  return snsRequest(
    {
      Type: 'Notification',
      Subject: 'Leaked token',
      Message: text,
      UnsubscribeURL: `https://sns.${key.topicArn.split(':')[3]}.amazonaws.com/?Action=Unsubscribe`,
      ...recorded(text),
      ...snsFields(key, options),
    },
    key,
  );
}

/** Builds and signs the confirmation that SNS sends to a new subscriber, with a token of the SNS stand-in. */
export function signSnsConfirmation(secrets: AlertSecrets, token: string, options: SendOptions = {}): SignedAlert {
  const { topicArn } = secrets.sns;
  const query = new URLSearchParams({ Action: 'ConfirmSubscription', TopicArn: topicArn, Token: token });
  const message = {
    Type: 'SubscriptionConfirmation',
    Token: token,
    Message: `You have chosen to subscribe to the topic ${topicArn}.`,
    SubscribeURL: `https://sns.${topicArn.split(':')[3]}.amazonaws.com/?${query.toString()}`,
    ...snsFields(secrets.sns, complete(options)),
  };
  return { path: '/alerts/sns', ...snsRequest(message, secrets.sns) };
}

/** Builds the event with which SNS invokes a function that is subscribed directly. */
export function snsLambdaEvent(leak: Leak, topicArn: string, options: SendOptions = {}): Json {
  const { id, at } = complete(options);
  const subscription = `${topicArn}:${randomUUID()}`;
  const message = {
    Type: 'Notification',
    MessageId: id,
    TopicArn: topicArn,
    Subject: null,
    Message: generalBody(leak),
    Timestamp: at.toISOString(),
    SignatureVersion: '1',
    Signature: 'EXAMPLE',
    SigningCertUrl: 'EXAMPLE',
    UnsubscribeUrl: 'EXAMPLE',
    MessageAttributes: {},
  };
  return {
    Records: [{ EventVersion: '1.0', EventSubscriptionArn: subscription, EventSource: 'aws:sns', Sns: message }],
  };
}
