import { randomBytes, randomUUID } from 'node:crypto';
import { once } from '#shared/core/once.ts';
import { createCertificate, makeKeyPair } from './certificate.ts';
import type { Exchange, Reply } from '../kit/exchange.ts';
import { startListener } from '../kit/listener.ts';
import { findSignatureProblem } from '../aws/find-signature-problem.ts';
import type { StandIn } from '../kit/stand-in.ts';
import type { Refuse } from '../kit/trouble.ts';

export interface SnsOptions {
  readonly port?: number;
  readonly topicArn?: string;
  readonly now?: () => Date;
}

/** `api`: by a signed call; `url`: somebody opened the SubscribeURL, as a careless receiver does. */
export interface SnsConfirmation {
  readonly topicArn: string;
  readonly by: 'api' | 'url';
}

export interface SnsStandIn extends StandIn {
  readonly topicArn: string;
  readonly privateKeyPem: string;
  /** The address at AWS that messages name; its host leads here only through the sandbox's mapping of hosts. */
  readonly signingCertUrl: string;
  /** Issues the token of a subscription confirmation. */
  issueToken(): string;
  confirmations(): readonly SnsConfirmation[];
}

const xml = (status: number, body: string): Reply => ({ status, headers: { 'content-type': 'text/xml' }, body });
const failure = (status: number, code: string): Reply =>
  xml(
    status,
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
  );

const refuse: Refuse = (mode) => {
  if (mode === '401') return failure(403, 'AuthorizationError');
  if (mode === '429') return failure(400, 'Throttling');
  return mode === '500' ? failure(500, 'InternalError') : undefined;
};

/** Starts a stand-in for what SNS serves: its signing certificate and the confirmation of subscriptions. */
export async function startSns(options: SnsOptions = {}): Promise<SnsStandIn> {
  const topicArn = options.topicArn ?? 'arn:aws:sns:eu-central-1:000000000000:leaks';
  const region = topicArn.split(':')[3] ?? '';
  const key = await makeKeyPair();
  const certificate = once(() => createCertificate('sns.amazonaws.com', options.now?.(), key));
  const path = `/SimpleNotificationService-${randomBytes(16).toString('hex')}.pem`;
  const tokens = new Set<string>();
  let confirmations: SnsConfirmation[] = [];

  const confirm = async (exchange: Exchange): Promise<Reply> => {
    const isPost = exchange.method === 'POST';
    const fields = isPost ? new URLSearchParams(exchange.body.toString()) : exchange.query;
    if (fields.get('Action') !== 'ConfirmSubscription') return failure(400, 'InvalidAction');
    const isSigned = exchange.headers.authorization !== undefined;
    const problem = isSigned || isPost ? await findSignatureProblem(exchange, 'sns') : undefined;
    if (problem !== undefined) return failure(403, problem);
    if (fields.get('TopicArn') !== topicArn || !tokens.delete(fields.get('Token') ?? ''))
      return failure(400, 'InvalidParameter');
    confirmations.push({ topicArn, by: isSigned ? 'api' : 'url' });
    const arn = `${topicArn}:${randomUUID()}`;
    return xml(
      200,
      `<ConfirmSubscriptionResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><ConfirmSubscriptionResult><SubscriptionArn>${arn}</SubscriptionArn></ConfirmSubscriptionResult><ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></ConfirmSubscriptionResponse>`,
    );
  };

  const listener = await startListener({
    provider: 'sns',
    port: options.port,
    now: options.now,
    handle: async (exchange) => {
      if (exchange.method === 'GET' && exchange.path === path) {
        const { certificatePem: body } = await certificate();
        return { status: 200, headers: { 'content-type': 'application/x-pem-file' }, body };
      }
      return exchange.path === '/' ? confirm(exchange) : { status: 404, body: 'Not Found' };
    },
    changes: ({ path: asked }) => asked === '/',
    label: ({ path: asked }) => asked,
    refuse,
    reset: () => {
      tokens.clear();
      confirmations = [];
    },
  });

  return {
    ...listener,
    topicArn,
    privateKeyPem: key.privateKey,
    signingCertUrl: `https://sns.${region}.amazonaws.com${path}`,
    issueToken: () => {
      const token = randomBytes(48).toString('hex');
      tokens.add(token);
      return token;
    },
    confirmations: () => confirmations,
  };
}
