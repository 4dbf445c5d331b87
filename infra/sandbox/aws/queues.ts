import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildApp } from 'fauxqs';
import { ACCOUNT, type DeployedQueue, REGION } from '../lambda/deployment.ts';
import type { FaultSwitch } from '../kit/stand-in.ts';
import { createFaultGate } from './fault-gate.ts';
import { createQueueHistory, type QueuedBody } from './queue-history.ts';

/** A message as SQS's ReceiveMessage gives it. */
export interface QueueMessage {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly MD5OfBody: string;
  readonly Attributes: Readonly<Record<string, string>>;
}

/** SQS in this process, behind a listener that records what is sent and can misbehave. */
export interface Queues {
  readonly url: string;
  /** URL of a queue by its logical id in infra/queues.yml. */
  queueUrl(logicalId: string): string;
  /** Waits up to `waitSeconds` for messages. Not subject to faults: it is AWS's own poller that asks. */
  receive(logicalId: string, max: number, waitSeconds: number): Promise<readonly QueueMessage[]>;
  remove(logicalId: string, receiptHandle: string): Promise<void>;
  changeVisibility(logicalId: string, receiptHandle: string, seconds: number): Promise<void>;
  history(): Promise<readonly QueuedBody[]>;
  /** Messages that wait or are being worked on, without the dead ones and those that are to come later. */
  pending(): Promise<number>;
  /** After how many receives a message is dead; without a number, as deployed. */
  setMaxReceives(logicalId: string, count?: number): Promise<void>;
  setFault(fault: FaultSwitch): void;
  /** Empties all queues and forgets the history. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** Starts SQS with the queues as they would be deployed. Listens on 127.0.0.1. */
export async function startQueues(queues: readonly DeployedQueue[]): Promise<Queues> {
  const app = buildApp({ logger: false, defaultRegion: REGION });
  const gate = createFaultGate();
  const history = createQueueHistory();

  const call = async (action: string, payload: object): Promise<any> => {
    const reply = await app.inject({
      method: 'POST',
      url: '/',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` },
      payload: JSON.stringify(payload),
    });
    return reply.statusCode === 200 && reply.body !== '' ? JSON.parse(reply.body) : undefined;
  };

  const server = createServer((request, response) => {
    void (async () => {
      const body = await readText(request);
      if (!(await gate.admit(request, response))) return;
      const target = [request.headers['x-amz-target']].flat()[0] ?? '';
      const reply = await app.inject({ method: 'POST', url: '/', headers: { ...request.headers }, payload: body });
      if (reply.statusCode === 200) history.record(target, body, reply.body);
      response.writeHead(reply.statusCode, {
        'content-type': reply.headers['content-type'] ?? 'application/x-amz-json-1.0',
      });
      response.end(reply.body);
    })().catch(() => response.destroy());
  });
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const byId = (logicalId: string): DeployedQueue => {
    const queue = queues.find((candidate) => candidate.logicalId === logicalId);
    if (queue === undefined) throw new Error(`no queue ${logicalId} in infra/queues.yml`);
    return queue;
  };
  const queueUrl = (logicalId: string): string => `${url}/${ACCOUNT}/${byId(logicalId).name}`;

  // Those that are pointed to come first: a redrive policy names an existing queue.
  for (const queue of queues.toSorted((a, b) => Number(a.redrive !== undefined) - Number(b.redrive !== undefined))) {
    await call('CreateQueue', { QueueName: queue.name, Attributes: toAttributes(queue) });
  }

  return {
    url,
    queueUrl,
    receive: async (logicalId, max, waitSeconds) => {
      const reply = await call('ReceiveMessage', {
        QueueUrl: queueUrl(logicalId),
        MaxNumberOfMessages: max,
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ['All'],
      });
      return (reply?.Messages ?? []) as QueueMessage[];
    },
    remove: async (logicalId, ReceiptHandle) => {
      await call('DeleteMessage', { QueueUrl: queueUrl(logicalId), ReceiptHandle });
    },
    changeVisibility: async (logicalId, ReceiptHandle, VisibilityTimeout) => {
      await call('ChangeMessageVisibility', { QueueUrl: queueUrl(logicalId), ReceiptHandle, VisibilityTimeout });
    },
    history: async () => {
      await markDead();
      return history.all();
    },
    pending: async () => {
      const counts = await Promise.all(
        queues.filter(({ redrive }) => redrive !== undefined).map((queue) => inspect(queue)),
      );
      return counts.reduce((total, { ready, inflight }) => total + ready.length + inflight.length, 0);
    },
    setMaxReceives: async (logicalId, maxReceives) => {
      const queue = byId(logicalId);
      const redrive = queue.redrive && { ...queue.redrive, maxReceives: maxReceives ?? queue.redrive.maxReceives };
      const Attributes = toAttributes({ ...queue, ...(redrive === undefined ? {} : { redrive }) });
      await call('SetQueueAttributes', { QueueUrl: queueUrl(logicalId), Attributes });
    },
    setFault: gate.set,
    clear: async () => {
      await Promise.all(queues.map(({ logicalId }) => call('PurgeQueue', { QueueUrl: queueUrl(logicalId) })));
      history.clear();
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await app.close();
    },
  };

  function toAttributes({ visibilitySeconds, redrive }: DeployedQueue): Record<string, string> {
    return {
      ...(visibilitySeconds === undefined ? {} : { VisibilityTimeout: String(visibilitySeconds) }),
      ...(redrive === undefined
        ? {}
        : {
            RedrivePolicy: JSON.stringify({
              deadLetterTargetArn: `arn:aws:sqs:${REGION}:${ACCOUNT}:${byId(redrive.to).name}`,
              maxReceiveCount: redrive.maxReceives,
            }),
          }),
    };
  }

  async function inspect({ name }: DeployedQueue): Promise<Record<'ready' | 'delayed' | 'inflight', any[]>> {
    const reply = await app.inject({ method: 'GET', url: `/_fauxqs/queues/${name}` });
    return JSON.parse(reply.body).messages;
  }

  async function markDead(): Promise<void> {
    const dead = queues.filter(({ logicalId }) => queues.some(({ redrive }) => redrive?.to === logicalId));
    for (const queue of dead) {
      const { ready, delayed, inflight } = await inspect(queue);
      for (const message of [...ready, ...delayed, ...inflight.map(({ message }) => message)]) {
        history.markDead(message.messageId);
      }
    }
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
