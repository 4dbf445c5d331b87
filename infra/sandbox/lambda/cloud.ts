import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import type { BuiltFunction } from '#infra/build.ts';
import type { Queues } from '../aws/queues.ts';
import { ACCOUNT, type Deployment, type DeployedFunction, REGION } from './deployment.ts';
import { createFleet, type Fleet } from './fleet.ts';
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
  const { deployment, built, queues } = options;
  const printed: PrintedLine[] = [];
  const invocations: RecordedInvocation[] = [];
  let clockOffsetMs = 0;
  const deployed = deployment.functions.filter(({ name }) => built.some((each) => each.name === name));
  const fleets = new Map(deployed.map((each) => [each.name, recorded(toFleet(each))]));
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
      await Promise.all(
        [...fleets.values()].map(async (fleet) => {
          const failed = await fleet.warm();
          if (failed !== undefined) throw new Error(`${fleet.name} does not start: ${failed.payload}`);
        }),
      );
      if (pollers.length === 0) pollers.push(...deployed.flatMap(toPoller));
    },
    close: async () => {
      for (const poller of pollers) void poller.stop();
      await Promise.all([...fleets.values()].map((fleet) => fleet.close()));
    },
  };

  function toFleet(given: DeployedFunction): Fleet {
    const taskRoot = join(options.folder, given.name);
    unzip(built.find(({ name }) => name === given.name)?.zip ?? '', taskRoot);
    return createFleet({
      name: given.name,
      runtime: options.runtime,
      taskRoot,
      functionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${deployedName(given)}`,
      environment: { ...lambdaEnvironment(given, taskRoot), ...ownEnvironment(given), ...options.endpoints },
      timeoutMs: given.timeoutSeconds * 1000,
      maxProcesses: Math.min(MOST_PROCESSES, given.queue?.maximumConcurrency ?? MOST_PROCESSES),
      snsUrl: options.snsUrl,
      clockOffsetMs: () => clockOffsetMs,
      onPrint: (stream, text) => printed.push({ at: new Date().toISOString(), function: given.name, stream, text }),
    });
  }

  function recorded(fleet: Fleet): Fleet {
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
        });
        return invocation;
      },
    };
  }

  function toPoller({ name, queue: mapping }: DeployedFunction): Poller[] {
    if (mapping === undefined) return [];
    const queueName = deployment.queues.find(({ logicalId }) => logicalId === mapping.logicalId)?.name ?? '';
    const invoke = (event: string) => fleets.get(name)!.invoke(event);
    return [startPoller({ queues, queueName, mapping, invoke })];
  }

  /** The function's own variables, with references to queues as their URLs. */
  function ownEnvironment({ environment }: DeployedFunction): Record<string, string> {
    return Object.fromEntries(
      Object.entries(environment).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : queues.queueUrl(value.Ref),
      ]),
    );
  }

  /** What Lambda itself sets, and nothing of this machine's own environment. */
  function lambdaEnvironment(given: DeployedFunction, taskRoot: string): Record<string, string> {
    const name = deployedName(given);
    return {
      _HANDLER: 'index.handler',
      AWS_ACCESS_KEY_ID: 'ASIASANDBOXSANDBOX00',
      AWS_SECRET_ACCESS_KEY: 'sandbox-secret-access-key',
      AWS_SESSION_TOKEN: 'sandbox-session-token',
      AWS_DEFAULT_REGION: REGION,
      AWS_REGION: REGION,
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(given.memoryMb),
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_FORMAT: 'JSON',
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
      AWS_LAMBDA_LOG_LEVEL: 'INFO',
      AWS_LAMBDA_LOG_STREAM_NAME: '1980/01/01/[$LATEST]00000000000000000000000000000000',
      // A home without an `.aws` folder: the machine's own AWS account must stay out of reach.
      HOME: taskRoot,
      LAMBDA_RUNTIME_DIR: '/var/runtime',
      LAMBDA_TASK_ROOT: taskRoot,
      LANG: 'en_US.UTF-8',
      PATH: '/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin',
      TZ: ':UTC',
    };
  }
}

const deployedName = ({ name }: DeployedFunction): string => `patrol-sandbox-${name}`;

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
