import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { AwsCall } from '#shared/core/aws-call.ts';
import { Secret } from '#shared/core/secret.ts';
import { createProcess, type Process, type World } from './world.ts';

export type Handler = (
  event: SQSEvent,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
) => Promise<SQSBatchResponse>;

export interface SimJob {
  readonly id: string;
  readonly body: string;
  /** The job's own name. */
  readonly key: string;
  receives: number;
  visibleAt: number;
  receipt: string;
}

interface Container {
  readonly process: Process;
  readonly handler: Handler;
  isBusy: boolean;
  isOld: boolean;
}

interface QueueDeps {
  readonly world: World;
  readonly name: string;
  readonly batchSize: number;
  readonly containers: number;
  readonly maxReceives: number;
  readonly start: (process: Process) => Handler;
  readonly look: (text: string, where: string) => void;
  /** Until then the queue itself is careless: copies, deletes that get lost. */
  readonly calmFrom: number;
  readonly strikes: (misfortune: string) => boolean;
}

export interface SimQueue {
  readonly jobs: readonly SimJob[];
  readonly dead: readonly SimJob[];
  /** Every job that was ever stored, by its own name. */
  readonly stored: ReadonlyMap<string, string>;
  store(body: string, delaySeconds?: number): void;
  changeVisibility(receipt: string, seconds: number): boolean;
  /** Puts every dead letter back, as `npm run redrive` does. */
  redrive(): number;
  /** Replaces every container within a minute: until then both releases take jobs. */
  deploy(): void;
  /** Sets the clock of the container that takes the next job forward or back while it is at work, or soon after; milliseconds. */
  stepClock(milliseconds: number): void;
  isQuiet(): boolean;
}

const CARELESSNESS = {
  copy: 'a job is delivered in two copies',
  delete: 'a deletion gets lost',
  freeze: 'a container freezes',
} as const;

const VISIBILITY_MS = 720_000;
const TIMEOUT_MS = 120_000;

/**
 * An SQS standard queue with its Lambda function: at least once, in no order, a job comes back when its container died or
 * did not delete it, and becomes a dead letter in the end.
 */
export function createQueue(deps: QueueDeps): SimQueue {
  const { world, name, batchSize, maxReceives } = deps;
  const jobs: SimJob[] = [];
  const dead: SimJob[] = [];
  const stored = new Map<string, string>();
  const containers: Container[] = [];
  /** The names of jobs that a container has at this moment. */
  const atWork = new Map<string, number>();
  const count = (key: string, by: 1 | -1) => {
    const now = (atWork.get(key) ?? 0) + by;
    if (now === 0) atWork.delete(key);
    else atWork.set(key, now);
  };
  let [ids, starts, stepMs] = [0, 0, 0];

  const wake = (milliseconds: number) => void world.outside(() => world.later(milliseconds, pump));
  const remove = (job: SimJob) => {
    const at = jobs.indexOf(job);
    if (at >= 0) jobs.splice(at, 1);
  };
  const isCareless = (what: keyof typeof CARELESSNESS, share: number) => {
    const isDrawn = world.now() < deps.calmFrom && world.chance.draw(`${name} ${what}`) < share;
    const is = isDrawn && deps.strikes(`${name}: ${CARELESSNESS[what]}`);
    if (is) world.occur(`${name}: ${CARELESSNESS[what]}`);
    return is;
  };

  function container(): Container | undefined {
    for (const one of containers.filter(({ process, isBusy, isOld }) => !process.alive || (isOld && !isBusy))) {
      containers.splice(containers.indexOf(one), 1);
      one.process.alive = false;
    }
    const idle = containers.find(({ isBusy }) => !isBusy);
    if (idle !== undefined) return idle;
    if (containers.length >= deps.containers) return undefined;
    const process = createProcess(`${name}-${(starts += 1)}`, world.chance.between('skew', [-500, 500]));
    const started: Container = { process, handler: deps.start(process), isBusy: false, isOld: false };
    containers.push(started);
    return started;
  }

  function take(): SimJob[] {
    const visible = jobs.filter(({ visibleAt }) => visibleAt <= world.now());
    for (const job of visible.filter(({ receives }) => receives >= maxReceives)) {
      remove(job);
      dead.push(job);
      world.occur(`${name}: a job becomes a dead letter`);
      world.trace(`${name}: ${job.key} becomes a dead letter`);
    }
    const ready = visible.filter((job) => jobs.includes(job));
    const taken: SimJob[] = [];
    while (ready.length > 0 && taken.length < batchSize) {
      const index = world.chance.between(`${name} order`, [0, ready.length - 1]);
      if (index > 0) world.occur(`${name}: a job overtakes another`);
      taken.push(...ready.splice(index, 1));
    }
    return taken;
  }

  function pump(): void {
    for (;;) {
      if (!jobs.some(({ visibleAt }) => visibleAt <= world.now())) return;
      const free = container();
      if (free === undefined) return;
      const taken = take();
      if (taken.length === 0) return;
      void invoke(free, taken);
    }
  }

  async function invoke(one: Container, taken: readonly SimJob[]): Promise<void> {
    const { process, handler } = one;
    const endsAt = world.now() + TIMEOUT_MS;
    one.isBusy = true;
    for (const job of taken) {
      if (atWork.has(job.key)) world.occur('two workers are at one job at once');
      job.receives += 1;
      job.visibleAt = world.now() + VISIBILITY_MS;
      job.receipt = `${job.id}:${job.receives}`;
      wake(VISIBILITY_MS);
    }
    for (const { key } of taken) count(key, 1);
    const callOff = world.later(TIMEOUT_MS, () => {
      world.occur('a function runs into its time-out');
      world.kill(process, 'at its time-out');
    });
    const died = new Promise<'died'>((resolve) => {
      process.onDeath.add(() => resolve('died'));
    });
    const event = { Records: taken.map(toRecord) } as unknown as SQSEvent;
    const context = { getRemainingTimeInMillis: () => endsAt - world.now() };
    const isFrozen = isCareless('freeze', 0.002);
    const work = isFrozen
      ? new Promise<never>(() => undefined)
      : world.run(process, () => handler(event, context)).catch(() => 'threw' as const);
    if (stepMs !== 0) {
      const step = stepMs;
      stepMs = 0;
      world.later(world.chance.between(`${name} step`, [5, 1500]), () => {
        world.occur(one.isBusy ? 'the clock of a busy container steps' : 'the clock of a waiting container steps');
        process.skewMs += step;
      });
    }
    const ending = await Promise.race([work, died]);
    callOff();
    for (const { key } of taken) count(key, -1);
    process.onDeath.clear();
    one.isBusy = false;
    if (typeof ending === 'object') {
      const failed = new Set(ending.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      for (const job of taken) if (!failed.has(job.id) && !isCareless('delete', 0.02)) remove(job);
    }
    wake(0);
  }

  const toRecord = (job: SimJob) => ({
    messageId: job.id,
    receiptHandle: job.receipt,
    body: job.body,
    attributes: { ApproximateReceiveCount: String(job.receives) },
  });

  const put = (body: string, key: string, delaySeconds = 0) => {
    const visibleAt = world.now() + delaySeconds * 1000 + world.chance.between(`${name} delay`, [5, 400]);
    jobs.push({ id: `${name}-m${(ids += 1)}`, body, key, receives: 0, visibleAt, receipt: '' });
    wake(visibleAt - world.now());
  };
  return {
    jobs,
    dead,
    stored,
    store: (body, delaySeconds) => {
      deps.look(body, 'a queue message');
      const { deliveryKey = '' } = JSON.parse(body) as { deliveryKey?: string };
      stored.set(deliveryKey, body);
      put(body, deliveryKey, delaySeconds);
      if (isCareless('copy', 0.05)) put(body, deliveryKey, delaySeconds);
    },
    changeVisibility: (receipt, seconds) => {
      const job = jobs.find((one) => one.receipt === receipt);
      if (job === undefined) return false;
      job.visibleAt = world.now() + seconds * 1000;
      wake(seconds * 1000);
      return true;
    },
    redrive: () => {
      const letters = dead.splice(0);
      for (const { body, key } of letters) {
        world.occur(`${name}: a dead letter is redriven`);
        put(body, key);
      }
      return letters.length;
    },
    deploy: () => {
      for (const one of containers) {
        const goOn = world.chance.between(`${name} goes on`, [0, 60_000]);
        world.outside(() =>
          world.later(goOn, () => {
            one.isOld = true;
          }),
        );
      }
    },
    stepClock: (milliseconds) => {
      stepMs = milliseconds;
    },
    isQuiet: () => jobs.length === 0 && containers.every(({ isBusy, process }) => !isBusy || !process.alive),
  };
}

/** Answers the calls to SQS as AWS does: a batch is stored as a whole here, or its answer is lost. */
export function createSqsCall(world: World, queues: Readonly<Record<string, SimQueue>>): AwsCall {
  return async (request) => {
    if (request.service !== 'sqs') throw new Error(`the world has no ${request.service}`);
    const { target, json } = request;
    const url = String(json['QueueUrl']);
    const queue = queues[url];
    const action = target.replace('AmazonSQS.', '');
    if (queue === undefined) throw new Error(`no queue ${url}`);
    const done = world.effect<Readonly<Record<string, unknown>> | undefined>({
      neighbour: 'queue',
      name: action,
      work: () => {
        if (action === 'ChangeMessageVisibility') {
          return queue.changeVisibility(String(json['ReceiptHandle']), Number(json['VisibilityTimeout']))
            ? {}
            : undefined;
        }
        if (action === 'ReceiveMessage')
          return { Messages: queue.dead.map(({ id, body }) => ({ MessageId: id, Body: body })) };
        const entries = json['Entries'] as readonly {
          readonly Id: string;
          readonly MessageBody: string;
          readonly DelaySeconds?: number;
        }[];
        for (const { MessageBody, DelaySeconds } of entries) queue.store(MessageBody, DelaySeconds);
        return { Successful: entries.map(({ Id }) => ({ Id })), Failed: [] };
      },
      unanswered: () => {
        throw new Error('no answer from SQS');
      },
    });
    const reply = await done;
    return reply === undefined
      ? { ok: false, refusal: { status: 400, code: 'InvalidParameterValue' } }
      : { ok: true, body: new Secret(JSON.stringify(reply)) };
  };
}
