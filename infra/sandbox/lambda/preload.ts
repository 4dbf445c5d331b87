import type { ClientRequest, IncomingMessage } from 'node:http';
import type { RequestOptions } from 'node:https';

/**
 * Loaded into each function's process before AWS's runtime client (bundled as CommonJS by `runtime.ts`). It stands
 * in for three things that a laptop lacks: the client's native HTTP library, a clock that can be shifted, and the hosts of
 * SNS; and it names on each call to the outside the request that it is made for. The functions do not know of it.
 */
const http = process.getBuiltinModule('node:http');
const https = process.getBuiltinModule('node:https');
const module = process.getBuiltinModule('node:module');
const { AsyncLocalStorage } = process.getBuiltinModule('node:async_hooks');
const diagnostics = process.getBuiltinModule('node:diagnostics_channel');

interface Given {
  readonly clockOffsetMs: number;
  /** Where `https://sns.<region>.amazonaws.com` is answered. */
  readonly snsUrl?: string;
}

const given = JSON.parse(process.env['SANDBOX_PRELOAD'] ?? '{"clockOffsetMs":0}') as Given;
delete process.env['SANDBOX_PRELOAD'];

let clockOffsetMs = given.clockOffsetMs;
/** The event that is worked on, as Lambda names it; none before the first. */
let invocationId: string | undefined;
replaceNativeClient();
shiftClock();
nameRequests();
if (given.snsUrl !== undefined) redirectSns(given.snsUrl);

/** The client loads `rapid-client.node`, which is compiled C++; the same three calls over Node's own HTTP. */
function replaceNativeClient(): void {
  const [host, port] = (process.env['AWS_LAMBDA_RUNTIME_API'] ?? '').split(':');
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const call = (method: string, path: string, body?: string, headers: Record<string, string> = {}) =>
    new Promise<{ bodyJson: string; headers: Record<string, string | string[] | undefined> }>((resolve, reject) => {
      const request = http.request(
        { host, port, method, path: `/2018-06-01/runtime/invocation/${path}`, headers, agent },
        (response) => {
          let bodyJson = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => (bodyJson += chunk));
          response.on('end', () => resolve({ bodyJson, headers: response.headers }));
        },
      );
      request.on('error', reject);
      request.end(body);
    });

  let posted: Promise<unknown> = Promise.resolve();
  const native = {
    initializeClient: () => undefined,
    next: async () => {
      await posted;
      const next = await call('GET', 'next');
      clockOffsetMs = Number(next.headers['sandbox-clock-offset-ms'] ?? 0);
      invocationId = String(next.headers['lambda-runtime-aws-request-id']);
      return next;
    },
    done: (id: string, body: string) => {
      posted = call('POST', `${id}/response`, body, { 'content-type': 'application/json' });
    },
    error: (id: string, body: string, cause: string) => {
      posted = call('POST', `${id}/error`, body, {
        'content-type': 'application/json',
        'Lambda-Runtime-Function-Error-Type': String((JSON.parse(body) as { errorType?: unknown }).errorType),
        'Lambda-Runtime-Function-XRay-Error-Cause': cause,
      });
    },
  };
  const loader = module as unknown as { _load: (request: string, ...rest: unknown[]) => unknown };
  const load = loader._load;
  loader._load = (request, ...rest) => (request === './rapid-client.node' ? native : load(request, ...rest));
}

function shiftClock(): void {
  const RealDate = Date;
  const now = () => RealDate.now() + clockOffsetMs;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as Date,
    apply: () => new RealDate(now()).toString(),
    get: (target, key) => (key === 'now' ? now : (Reflect.get(target, key) as unknown)),
  });
}

/**
 * Each call carries the id of the request that is being worked on: of the job, which a worker keeps beside its work while
 * others run in the same process, else of the event. Only the stand-ins read it, for the page's traces.
 */
function nameRequests(): void {
  let following: { getStore(): unknown } | undefined;
  const { prototype } = AsyncLocalStorage;
  prototype.run = new Proxy(prototype.run, {
    apply: (run, self: { getStore(): unknown }, args: unknown[]) => {
      if (typeof args[0] === 'string') following = self;
      return Reflect.apply(run, self, args) as unknown;
    },
  });
  const name = () => {
    const followed = following?.getStore();
    return typeof followed === 'string' ? followed : invocationId;
  };
  const onCall = (setHeader: (name: string, value: string) => void) => {
    const id = name();
    if (id !== undefined) setHeader('sandbox-request-id', id);
  };
  diagnostics.subscribe('undici:request:create', (message) => {
    const { request } = message as { readonly request: { addHeader(name: string, value: string): void } };
    onCall((header, value) => request.addHeader(header, value));
  });
  diagnostics.subscribe('patrol:post:request', (message) => {
    const { headers } = message as { readonly headers: Record<string, string> };
    onCall((header, value) => (headers[header] = value));
  });
  diagnostics.subscribe('http.client.request.created', (message) => {
    const { request } = message as { readonly request: ClientRequest };
    // The client's own talk with Lambda is no call to the outside.
    if (!request.path.startsWith('/2018-06-01/runtime/')) onCall((header, value) => request.setHeader(header, value));
  });
}

/** Signing certificates and subscription confirmations are fetched from AWS's own hosts only; here they come from the sandbox. */
function redirectSns(base: string): void {
  const isSns = (host: string) => /^sns\.[a-z0-9-]+\.amazonaws\.com$/.test(host);
  const local = (url: URL) => new URL(`${url.pathname}${url.search}`, base);

  const realFetch = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    const url = new URL(typeof input === 'string' || input instanceof URL ? input : input.url);
    if (!isSns(url.hostname)) return realFetch(input, init);
    return realFetch(input instanceof Request ? new Request(local(url), input) : local(url), init);
  };

  const realRequest = https.request;
  const request = (...args: unknown[]) => {
    const url = typeof args[0] === 'string' || args[0] instanceof URL ? new URL(args[0]) : undefined;
    const options = args.find((arg) => typeof arg === 'object' && !(arg instanceof URL)) as RequestOptions | undefined;
    if (!isSns(url?.hostname ?? options?.hostname ?? options?.host ?? '')) {
      return realRequest(...(args as Parameters<typeof realRequest>));
    }
    const path = url === undefined ? (options?.path ?? '/') : `${url.pathname}${url.search}`;
    const { hostname, port } = new URL(base);
    const listener = args.find((arg) => typeof arg === 'function') as ((response: IncomingMessage) => void) | undefined;
    return http.request(
      { ...options, protocol: 'http:', host: hostname, hostname, port, path, agent: undefined },
      listener,
    );
  };
  https.request = request;
  https.get = (...args: unknown[]) => {
    const sent = request(...args);
    sent.end();
    return sent;
  };
  module.syncBuiltinESMExports();
}
