import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Invocation } from './invocation.ts';
import { startRuntimeApi } from './runtime-api.ts';
import type { Runtime } from './runtime.ts';

export interface InstanceOptions {
  readonly runtime: Runtime;
  readonly taskRoot: string;
  readonly functionArn: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly snsUrl?: string | undefined;
  readonly clockOffsetMs: () => number;
  readonly onPrint: (stream: 'stdout' | 'stderr', text: string) => void;
}

/** One process of one function: it takes one event at a time, as on Lambda. */
export interface Instance {
  /** Resolves when the function's module has been loaded; with the error when that failed. Never rejects. */
  readonly initialised: Promise<Invocation | undefined>;
  readonly alive: boolean;
  /** Hands over one event. May be called again only when the invocation before has resolved. Never rejects. */
  invoke(event: string): Promise<Invocation>;
  /** Kills the process at once, as a crash would; an event that it works on ends as one. */
  kill(): void;
  /** Kills the process and waits until it and its listener are gone. */
  close(): Promise<void>;
}

/** Lambda gives the loading of a module ten seconds. */
const INIT_TIMEOUT_MS = 10_000;
const KILLED = 'Runtime exited with error: signal: killed';

/** Starts a process in AWS's runtime client, and the Runtime API that only this process speaks to. */
export function startInstance(options: InstanceOptions): Instance {
  const initialised = Promise.withResolvers<Invocation | undefined>();
  const gone = Promise.withResolvers<undefined>();
  let child: ChildProcess | undefined;
  let alive = true;
  let running: { readonly id: string; readonly end: (invocation: Invocation) => void } | undefined;
  const api = startRuntimeApi({
    onListening: (address) => {
      if (alive) child = startProcess(options, { address, fail, onGone: () => gone.resolve(undefined) });
    },
    onReady: (failed) => {
      if (failed === undefined) clearTimeout(initTimer);
      initialised.resolve(failed);
    },
    onAnswer: (id, invocation) => void (id === running?.id && running.end(invocation)),
  });
  const initTimer = setTimeout(fail, INIT_TIMEOUT_MS, 'Runtime.InitTimeout', 'initialisation took more than 10 s');

  return {
    initialised: initialised.promise,
    get alive() {
      return alive;
    },
    invoke,
    kill: () => fail('Runtime.ExitError', KILLED),
    close: () => {
      fail('Runtime.ExitError', KILLED);
      return gone.promise;
    },
  };

  async function invoke(event: string): Promise<Invocation> {
    const failed = await initialised.promise;
    if (failed !== undefined) return failed;
    const id = randomUUID();
    const ended = Promise.withResolvers<Invocation>();
    const late = `Task timed out after ${(options.timeoutMs / 1000).toFixed(2)} seconds`;
    const timer = setTimeout(fail, options.timeoutMs, 'Sandbox.Timedout', late);
    running = { id, end: ended.resolve };
    if (alive) await api.hand(event, () => headersFor(id, options));
    else ended.resolve(died('Runtime.ExitError', 'Runtime exited before the event', id));
    const invocation = await ended.promise;
    clearTimeout(timer);
    running = undefined;
    return { ...invocation, requestId: id };
  }

  /** Ends the process and whatever it was doing. Only the first call counts. */
  function fail(type: string, message: string): void {
    if (!alive) return;
    alive = false;
    clearTimeout(initTimer);
    const invocation = died(type, message, running?.id ?? randomUUID());
    initialised.resolve(invocation);
    running?.end(invocation);
    if (child === undefined) gone.resolve(undefined);
    else child.kill('SIGKILL');
    api.close();
  }
}

interface ProcessParts {
  /** Where its Runtime API is. */
  readonly address: string;
  readonly fail: (type: string, message: string) => void;
  readonly onGone: () => void;
}

/** Starts the process. What it prints, and that it ends, is told. */
function startProcess(options: InstanceOptions, { address, fail, onGone }: ProcessParts): ChildProcess {
  const { runtime, environment, taskRoot, snsUrl } = options;
  const given = JSON.stringify({ clockOffsetMs: options.clockOffsetMs(), snsUrl });
  const child = spawn(runtime.node, runtime.args, {
    cwd: taskRoot,
    env: { ...environment, AWS_LAMBDA_RUNTIME_API: address, SANDBOX_PRELOAD: given },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C in a terminal reaches a whole process group: the sandbox alone shall hear it, and stop the others in order.
    detached: true,
  });
  for (const stream of ['stdout', 'stderr'] as const) {
    createInterface({ input: child[stream] }).on('line', (text) => options.onPrint(stream, text));
  }
  child.on('error', (error) => fail('Runtime.ExitError', error.message));
  child.on('exit', (code, signal) => {
    fail(
      'Runtime.ExitError',
      `Runtime exited with error: ${signal === null ? `exit status ${code}` : 'signal: killed'}`,
    );
    onGone();
  });
  return child;
}

/** What Lambda tells beside an event. */
function headersFor(id: string, { clockOffsetMs, timeoutMs, functionArn }: InstanceOptions): Record<string, string> {
  const offset = clockOffsetMs();
  const trace = `${Math.floor(Date.now() / 1000).toString(16)}-${randomUUID().replaceAll('-', '').slice(0, 24)}`;
  return {
    'content-type': 'application/json',
    'lambda-runtime-aws-request-id': id,
    'lambda-runtime-deadline-ms': String(Date.now() + offset + timeoutMs),
    'lambda-runtime-invoked-function-arn': functionArn,
    'lambda-runtime-trace-id': `Root=1-${trace};Sampled=0`,
    'sandbox-clock-offset-ms': String(offset),
  };
}

/** The error in the form in which Lambda reports that a process died. */
const died = (errorType: string, message: string, id: string): Invocation => ({
  ok: false,
  payload: JSON.stringify({ errorType, errorMessage: `RequestId: ${id} Error: ${message}` }),
  died: true,
});
