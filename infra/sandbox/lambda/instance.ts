import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import type { Runtime } from './runtime.ts';

/** What the function answered, or the error in the form in which Lambda reports it. Both are JSON text. */
export interface Invocation {
  readonly ok: boolean;
  readonly payload: string;
  /** The process died, or was killed at its time-out. */
  readonly died: boolean;
}

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
const PREFIX = '/2018-06-01/runtime';

/** Starts a process in AWS's runtime client, and the Runtime API that only this process speaks to. */
export function startInstance(options: InstanceOptions): Instance {
  const initialised = Promise.withResolvers<Invocation | undefined>();
  const gone = Promise.withResolvers<undefined>();
  let child: ChildProcess | undefined;
  let alive = true;
  let next = Promise.withResolvers<ServerResponse | undefined>();
  let running: { readonly id: string; readonly end: (invocation: Invocation) => void } | undefined;

  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1', () => {
    if (alive) start((server.address() as AddressInfo).port);
  });
  const initTimer = setTimeout(
    () => fail('Runtime.InitTimeout', 'initialisation took more than 10 s'),
    INIT_TIMEOUT_MS,
  );

  return {
    initialised: initialised.promise,
    get alive() {
      return alive;
    },
    invoke,
    kill: () => fail('Runtime.ExitError', 'Runtime exited with error: signal: killed'),
    close: async () => {
      fail('Runtime.ExitError', 'Runtime exited with error: signal: killed');
      await gone.promise;
    },
  };

  function start(port: number): void {
    const { runtime, environment, taskRoot, snsUrl } = options;
    const given = JSON.stringify({ clockOffsetMs: options.clockOffsetMs(), snsUrl });
    child = spawn(runtime.node, runtime.args, {
      cwd: taskRoot,
      env: { ...environment, AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`, SANDBOX_PRELOAD: given },
      stdio: ['ignore', 'pipe', 'pipe'],
      // Ctrl-C in a terminal reaches a whole process group: the sandbox alone shall hear it, and stop the others in order.
      detached: true,
    });
    for (const stream of ['stdout', 'stderr'] as const) {
      const source = child[stream];
      if (source !== null) createInterface({ input: source }).on('line', (text) => options.onPrint(stream, text));
    }
    child.on('error', (error) => fail('Runtime.ExitError', error.message));
    child.on('exit', (code, signal) => {
      fail(
        'Runtime.ExitError',
        `Runtime exited with error: ${signal === null ? `exit status ${code}` : 'signal: killed'}`,
      );
      gone.resolve(undefined);
    });
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    if (path === `${PREFIX}/invocation/next`) {
      next.resolve(response);
      clearTimeout(initTimer);
      initialised.resolve(undefined);
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const payload = Buffer.concat(chunks).toString('utf8');
    response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}');
    if (path === `${PREFIX}/init/error`) {
      initialised.resolve({ ok: false, payload, died: true });
      return;
    }
    const [, id, kind] = /\/invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    if (id !== undefined && id === running?.id) running.end({ ok: kind === 'response', payload, died: false });
  }

  async function invoke(event: string): Promise<Invocation> {
    const failed = await initialised.promise;
    if (failed !== undefined) return failed;
    const id = randomUUID();
    const ended = Promise.withResolvers<Invocation>();
    const timer = setTimeout(() => {
      fail('Sandbox.Timedout', `Task timed out after ${(options.timeoutMs / 1000).toFixed(2)} seconds`);
    }, options.timeoutMs);
    running = { id, end: ended.resolve };
    if (alive) await hand(id, event);
    else ended.resolve(error('Runtime.ExitError', 'Runtime exited before the event', id));
    const invocation = await ended.promise;
    clearTimeout(timer);
    running = undefined;
    return invocation;
  }

  /** Answers the client's request for its next event, which it makes right after it has answered the last. */
  async function hand(id: string, event: string): Promise<void> {
    const response = await next.promise;
    next = Promise.withResolvers();
    const offset = options.clockOffsetMs();
    const trace = `${Math.floor(Date.now() / 1000).toString(16)}-${randomUUID().replaceAll('-', '').slice(0, 24)}`;
    response?.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': id,
      'lambda-runtime-deadline-ms': String(Date.now() + offset + options.timeoutMs),
      'lambda-runtime-invoked-function-arn': options.functionArn,
      'lambda-runtime-trace-id': `Root=1-${trace};Sampled=0`,
      'sandbox-clock-offset-ms': String(offset),
    });
    response?.end(event);
  }

  /** Ends the process and whatever it was doing. Only the first call counts. */
  function fail(type: string, message: string): void {
    if (!alive) return;
    alive = false;
    clearTimeout(initTimer);
    const { id } = running ?? { id: randomUUID() };
    const invocation = error(type, message, id);
    initialised.resolve(invocation);
    next.resolve(undefined);
    running?.end(invocation);
    if (child === undefined) gone.resolve(undefined);
    else child.kill('SIGKILL');
    server.close();
    server.closeAllConnections();
  }

  function error(errorType: string, message: string, id: string): Invocation {
    return {
      ok: false,
      payload: JSON.stringify({ errorType, errorMessage: `RequestId: ${id} Error: ${message}` }),
      died: true,
    };
  }
}
