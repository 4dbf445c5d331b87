import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { defined } from '#shared/core/defined.ts';
import type { BuiltFunction } from '#infra/build.ts';
import type { Queues } from '../aws/queues.ts';
import type { Deployment, DeployedFunction } from './deployment.ts';
import { createFleet, type Fleet } from './fleet.ts';
import { functionArn, lambdaEnvironment, ownEnvironment } from './lambda-environment.ts';
import { type Poller, startPoller } from './poller.ts';
import type { Runtime } from './runtime.ts';

/** A line that a function printed. */
export interface PrintedLine {
  readonly at: string;
  readonly function: string;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/** One event that a function was given, with how long it took; the waiting for a free process counts. */
export interface RecordedInvocation {
  readonly at: string;
  readonly function: string;
  readonly milliseconds: number;
  readonly ok: boolean;
  /** The queue's messages in the event, if it came from a queue. */
  readonly messageIds: readonly string[];
  /** What Lambda calls it; an edge gives it to the jobs that it queues. */
  readonly requestId?: string;
}

interface CloudOptions {
  readonly deployment: Deployment;
  readonly built: readonly BuiltFunction[];
  readonly queues: Queues;
  readonly runtime: Runtime;
  /** An empty folder for the unzipped functions. */
  readonly folder: string;
  /** What the sandbox adds to each function's environment: endpoints, as AWS's own variables and ours. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly snsUrl?: string;
}

/** The deployed functions at work. */
export interface Cloud {
  readonly fleets: ReadonlyMap<string, Fleet>;
  readonly printed: PrintedLine[];
  readonly invocations: RecordedInvocation[];
  setClockOffset(milliseconds: number): void;
  clockOffsetMs(): number;
  /** Starts one process of each function. Rejects with the function's own words when one does not load. */
  warm(): Promise<void>;
  close(): Promise<void>;
}

/** More processes of one function than this would only take the processor from each other. */
const MOST_PROCESSES = 4;

/** Unzips what was built, and runs it as deployed: sizes, environment, queues. */
export function startCloud(options: CloudOptions): Cloud {
  const printed: PrintedLine[] = [];
  const invocations: RecordedInvocation[] = [];
  let clockOffsetMs = 0;
  const deployed = options.deployment.functions.filter(({ name }) => options.built.some((each) => each.name === name));
  const world: World = { ...options, printed, clockOffsetMs: () => clockOffsetMs };
  const fleets = new Map(deployed.map((each) => [each.name, recorded(fleetFor(each, world), invocations)]));
  const pollers: Poller[] = [];

  return {
    fleets,
    printed,
    invocations,
    setClockOffset: (milliseconds) => {
      clockOffsetMs = milliseconds;
    },
    clockOffsetMs: () => clockOffsetMs,
    warm: async () => {
      await Promise.all([...fleets.values()].map(warm));
      if (pollers.length > 0) return;
      for (const each of deployed) {
        const mapping = queueFor(each, options.deployment);
        const invoke = (event: string) => fleets.get(each.name)!.invoke(event);
        if (mapping !== undefined) pollers.push(startPoller({ queues: options.queues, ...mapping, invoke }));
      }
    },
    close: async () => {
      for (const poller of pollers) void poller.stop();
      await Promise.all([...fleets.values()].map((fleet) => fleet.close()));
    },
  };
}

/** What every function runs in. */
interface World extends CloudOptions {
  readonly printed: PrintedLine[];
  readonly clockOffsetMs: () => number;
}

function fleetFor(given: DeployedFunction, world: World): Fleet {
  const taskRoot = join(world.folder, given.name);
  unzip(world.built.find(({ name }) => name === given.name)?.zip ?? '', taskRoot);
  return createFleet({
    name: given.name,
    runtime: world.runtime,
    taskRoot,
    functionArn: functionArn(given),
    environment: {
      ...lambdaEnvironment(given, taskRoot),
      ...ownEnvironment(given, world.queues),
      ...world.endpoints,
    },
    timeoutMs: given.timeoutSeconds * 1000,
    maxProcesses: Math.min(MOST_PROCESSES, given.queue?.maximumConcurrency ?? MOST_PROCESSES),
    snsUrl: world.snsUrl,
    clockOffsetMs: world.clockOffsetMs,
    onPrint: (stream, text) => world.printed.push({ at: new Date().toISOString(), function: given.name, stream, text }),
  });
}

/** The same functions, with each event written down. */
function recorded(fleet: Fleet, invocations: RecordedInvocation[]): Fleet {
  return {
    ...fleet,
    invoke: async (event) => {
      const at = new Date();
      const invocation = await fleet.invoke(event);
      invocations.push({
        at: at.toISOString(),
        function: fleet.name,
        milliseconds: Date.now() - at.getTime(),
        ok: invocation.ok,
        messageIds: messageIdsIn(event),
        ...defined({ requestId: invocation.requestId }),
      });
      return invocation;
    },
  };
}

async function warm(fleet: Fleet): Promise<void> {
  const failed = await fleet.warm();
  if (failed !== undefined) throw new Error(`${fleet.name} does not start: ${failed.payload}`);
}

/** Which queue a function works off, if it does. */
function queueFor({ queue: mapping }: DeployedFunction, { queues }: Deployment) {
  if (mapping === undefined) return undefined;
  return { mapping, queueName: queues.find(({ logicalId }) => logicalId === mapping.logicalId)?.name ?? '' };
}

function unzip(zip: string, folder: string): void {
  for (const [file, bytes] of Object.entries(unzipSync(readFileSync(zip)))) {
    const path = join(folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
}

function messageIdsIn(event: string): string[] {
  const { Records: records = [] } = (JSON.parse(event) ?? {}) as { Records?: { readonly messageId?: string }[] };
  return Array.isArray(records) ? records.flatMap(({ messageId }) => messageId ?? []) : [];
}
