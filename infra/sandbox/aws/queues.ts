import { defined } from '#shared/core/defined.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buildApp } from 'fauxqs';
import { ACCOUNT, type DeployedQueue, REGION } from '../lambda/deployment.ts';
import type { CrashPoint, FaultSwitch } from '../kit/stand-in.ts';
import { createCrashPoint } from '../kit/crash-point.ts';
import { readBody, serve } from '../kit/serve.ts';
import { createFaultGate, type FaultGate } from './fault-gate.ts';
import { createQueueHistory, type QueuedBody, type QueueHistory } from './queue-history.ts';

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
  /** Calls `kill` once, when the next job that a function queues reaches the point; returns how to call it off. */
  crashNext(at: CrashPoint, kill: () => void): () => void;
  /** Empties all queues and forgets the history. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

const AWS_JSON = 'application/x-amz-json-1.0';

/** A call of ours, past the listener and its faults; `undefined` when it was refused or there is nothing to say. */
type Ask = (action: string, payload: object) => Promise<any>;
/** What the emulator knows of a queue's messages. */
type Inspect = (queue: DeployedQueue) => Promise<Record<'ready' | 'delayed' | 'inflight', any[]>>;
type App = ReturnType<typeof buildApp>;

const askOf =
  (app: App): Ask =>
  async (action, payload) => {
    const reply = await app.inject({
      method: 'POST',
      url: '/',
      headers: { 'content-type': AWS_JSON, 'x-amz-target': `AmazonSQS.${action}` },
      payload: JSON.stringify(payload),
    });
    return reply.statusCode === 200 && reply.body !== '' ? JSON.parse(reply.body) : undefined;
  };

const inspectOf =
  (app: App): Inspect =>
  async ({ name }) =>
    JSON.parse((await app.inject({ method: 'GET', url: `/_fauxqs/queues/${name}` })).body).messages;

interface Passing {
  readonly gate: FaultGate;
  readonly crash: ReturnType<typeof createCrashPoint>;
  readonly history: QueueHistory;
  readonly moveBack: (deadQueue: string) => Promise<void>;
  readonly urlOf: (name: string) => string;
}

/** Passes a function's call on, unless it shall fail, and records what it queued. */
const passOn =
  (app: App, { gate, crash, history, moveBack, urlOf }: Passing) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const payload = (await readBody(request)).toString('utf8');
    if (!(await gate.admit(request, response))) return;
    const target = [request.headers['x-amz-target']].flat()[0] ?? '';
    if (target === 'AmazonSQS.StartMessageMoveTask') {
      const { SourceArn } = JSON.parse(payload) as { readonly SourceArn: string };
      await moveBack(SourceArn.slice(SourceArn.lastIndexOf(':') + 1));
      response.writeHead(200, { 'content-type': AWS_JSON }).end(JSON.stringify({ TaskHandle: 'moved' }));
      return;
    }
    const isSent = target.includes('SendMessage');
    if (isSent && crash.strike('before-effect')) return void request.socket.destroy();
    const reply = await app.inject({ method: 'POST', url: '/', headers: { ...request.headers }, payload });
    // The emulator names a queue by an address of its own; AWS's SDK calls whatever it is told.
    const body = reply.body.replace(
      /("QueueUrl":\s*")[^"]*\/([^"/]+)"/,
      (_, key: string, name: string) => `${key}${urlOf(name)}"`,
    );
    if (reply.statusCode === 200) history.record(target, payload, reply.body);
    if (isSent && crash.strike('after-effect')) return void request.socket.destroy();
    response.writeHead(reply.statusCode, { 'content-type': reply.headers['content-type'] ?? AWS_JSON }).end(body);
  };

function findQueue(queues: readonly DeployedQueue[], logicalId: string): DeployedQueue {
  const queue = queues.find((candidate) => candidate.logicalId === logicalId);
  if (queue === undefined) throw new Error(`no queue ${logicalId} in infra/queues.yml`);
  return queue;
}

/** A queue's attributes as deployed; a redrive policy names the queue that it points to. */
function attributesOf(queues: readonly DeployedQueue[], { visibilitySeconds, redrive }: DeployedQueue) {
  const policy = redrive && {
    deadLetterTargetArn: `arn:aws:sqs:${REGION}:${ACCOUNT}:${findQueue(queues, redrive.to).name}`,
    maxReceiveCount: redrive.maxReceives,
  };
  return {
    ...(visibilitySeconds === undefined ? {} : { VisibilityTimeout: String(visibilitySeconds) }),
    ...(policy === undefined ? {} : { RedrivePolicy: JSON.stringify(policy) }),
  };
}

/** Marks in the history what lies in a dead-letter queue. */
async function markDead(queues: readonly DeployedQueue[], inspect: Inspect, history: QueueHistory): Promise<void> {
  for (const queue of queues.filter(({ logicalId }) => queues.some(({ redrive }) => redrive?.to === logicalId))) {
    const { ready, delayed, inflight } = await inspect(queue);
    for (const { messageId } of [...ready, ...delayed, ...inflight.map(({ message }) => message)]) {
      history.markDead(messageId);
    }
  }
}

/** How many wait or are worked on, in the queues that are not for the dead. Asked often: no message is looked at for it. */
async function countPending(queues: readonly DeployedQueue[], ask: Ask, urlOf: (name: string) => string) {
  const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'];
  const alive = queues.filter(({ redrive }) => redrive !== undefined);
  const replies = await Promise.all(
    alive.map(({ name }) => ask('GetQueueAttributes', { QueueUrl: urlOf(name), AttributeNames })),
  );
  return replies
    .flatMap((reply) => AttributeNames.map((name) => Number(reply.Attributes[name])))
    .reduce((total, count) => total + count, 0);
}

/** Puts what lies in a dead-letter queue back where it came from, at once: what the emulator does not know how to. */
function moveBackOf(queues: readonly DeployedQueue[], ask: Ask, urlOf: (name: string) => string) {
  return async (deadQueue: string): Promise<void> => {
    const dead = queues.find(({ name }) => name === deadQueue);
    const home = queues.find(({ redrive }) => redrive !== undefined && redrive.to === dead?.logicalId);
    if (home === undefined) return;
    for (;;) {
      // The wait brings those as well that somebody was just looking at.
      const reply = await ask('ReceiveMessage', {
        QueueUrl: urlOf(deadQueue),
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 2,
        MessageSystemAttributeNames: ['MessageGroupId'],
      });
      const messages = (reply?.Messages ?? []) as readonly QueueMessage[];
      if (messages.length === 0) return;
      for (const { Body, ReceiptHandle, Attributes } of messages) {
        const group = defined({ MessageGroupId: Attributes?.['MessageGroupId'] });
        await ask('SendMessage', { QueueUrl: urlOf(home.name), MessageBody: Body, ...group });
        await ask('DeleteMessage', { QueueUrl: urlOf(deadQueue), ReceiptHandle });
      }
    }
  };
}

/** What AWS's own poller does with a queue. */
const pollerCalls = (ask: Ask, queueUrl: (logicalId: string) => string) =>
  ({
    receive: async (logicalId, max, waitSeconds) => {
      const reply = await ask('ReceiveMessage', {
        QueueUrl: queueUrl(logicalId),
        MaxNumberOfMessages: max,
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ['All'],
      });
      return (reply?.Messages ?? []) as QueueMessage[];
    },
    remove: (logicalId, ReceiptHandle) => ask('DeleteMessage', { QueueUrl: queueUrl(logicalId), ReceiptHandle }),
    changeVisibility: (logicalId, ReceiptHandle, VisibilityTimeout) =>
      ask('ChangeMessageVisibility', { QueueUrl: queueUrl(logicalId), ReceiptHandle, VisibilityTimeout }),
  }) satisfies Partial<Queues>;

/** Starts SQS with the queues as they would be deployed. Listens on 127.0.0.1. */
export async function startQueues(queues: readonly DeployedQueue[]): Promise<Queues> {
  const app = buildApp({ logger: false, defaultRegion: REGION });
  const [ask, inspect] = [askOf(app), inspectOf(app)];
  const gate = createFaultGate();
  const history = createQueueHistory();
  const crash = createCrashPoint();
  const urlOf = (name: string): string => `${url}/${ACCOUNT}/${name}`;
  const pass = passOn(app, { gate, crash, history, moveBack: moveBackOf(queues, ask, urlOf), urlOf });
  const { url, close } = await serve((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });
  const queueUrl = (logicalId: string): string => urlOf(findQueue(queues, logicalId).name);

  // Those that are pointed to come first: a redrive policy names an existing queue.
  for (const queue of queues.toSorted((a, b) => Number(a.redrive !== undefined) - Number(b.redrive !== undefined))) {
    await ask('CreateQueue', { QueueName: queue.name, Attributes: attributesOf(queues, queue) });
  }

  return {
    url,
    queueUrl,
    ...pollerCalls(ask, queueUrl),
    history: async () => {
      await markDead(queues, inspect, history);
      return history.all();
    },
    pending: () => countPending(queues, ask, urlOf),
    setMaxReceives: async (logicalId, maxReceives) => {
      const queue = findQueue(queues, logicalId);
      const redrive = queue.redrive && { ...queue.redrive, maxReceives: maxReceives ?? queue.redrive.maxReceives };
      const Attributes = attributesOf(queues, { ...queue, ...defined({ redrive }) });
      await ask('SetQueueAttributes', { QueueUrl: queueUrl(logicalId), Attributes });
    },
    setFault: gate.set,
    crashNext: crash.crashNext,
    clear: async () => {
      gate.reset();
      crash.forget();
      await Promise.all(queues.map(({ logicalId }) => ask('PurgeQueue', { QueueUrl: queueUrl(logicalId) })));
      history.clear();
    },
    close: async () => {
      await close();
      await app.close();
    },
  };
}
