import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Call, CrashPoint, FaultMode, FaultSwitch, StandIn } from './stand-in.ts';

/** One request as it arrived; the path is the raw one from the request line, nothing is normalised. */
export interface Exchange {
  readonly at: Date;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; `body` sends text or bytes as they are; neither sends nothing. */
  readonly json?: unknown;
  readonly body?: string | Buffer;
  /** Whether a signature that the call carried verified; recorded, not sent. */
  readonly signatureValid?: boolean;
}

/** The fault modes that are answered in the vendor's own error shape. */
export type RefusalMode = Exclude<FaultMode, 'down' | 'slow' | 'hang' | 'html' | 'none'>;

interface ListenerOptions {
  readonly provider: string;
  readonly port?: number | undefined;
  readonly rtt?: number | undefined;
  readonly now?: (() => Date) | undefined;
  readonly sleep?: (milliseconds: number) => Promise<unknown>;
  handle(exchange: Exchange): Reply | Promise<Reply>;
  /** True for a request that asks for a change; a crash point waits for the next of these. */
  changes(exchange: Exchange): boolean;
  /** The vendor's refusal for a fault, or `undefined` when that fault does not concern this call. */
  refuse(mode: RefusalMode, exchange: Exchange, fault: FaultSwitch): Reply | undefined;
  /** What to record as the path, where the path alone says little. */
  label?(exchange: Exchange): string;
  reset(): void;
}

const SLOW_MILLISECONDS = 3_000;
const HTML = '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>';
const SECRETS = /lsv2_[a-z]{2}_\w+|eyJ[\w-]+\.[\w.-]+|xox[a-z]-[\w-]+|gh[a-z]_\w+|github_pat_\w+/g;

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, reply: Reply): void {
  const json = reply.json === undefined ? undefined : JSON.stringify(reply.json);
  response.writeHead(reply.status, {
    ...(json === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    ...reply.headers,
  });
  response.end(json ?? reply.body);
}

/**
 * Starts the HTTP side that every stand-in shares, on 127.0.0.1: records each call, adds the round-trip time, applies the
 * fault switch and the crash points. A call counts as `mutation` only when a change was asked for and answered 2xx; status
 * 0 means that nothing was answered. `reset` keeps the round-trip time, which belongs to the run and not to the state.
 */
export async function startListener(options: ListenerOptions): Promise<StandIn> {
  const calls: Call[] = [];
  const now = options.now ?? (() => new Date());
  const sleep = options.sleep ?? ((milliseconds: number) => pause(milliseconds));
  let fault: FaultSwitch = { mode: 'none' };
  let rtt = options.rtt ?? 0;
  let crash: { readonly at: CrashPoint; readonly kill: () => void } | undefined;

  const spendFault = (): void => {
    if (fault.count === undefined) return;
    fault = fault.count > 1 ? { ...fault, count: fault.count - 1 } : { mode: 'none' };
  };

  const record = (exchange: Exchange, status: number, mutation: boolean, signatureValid?: boolean): void => {
    const query = exchange.query.size > 0 ? `?${exchange.query.toString()}` : '';
    calls.push({
      at: exchange.at.toISOString(),
      milliseconds: now().getTime() - exchange.at.getTime(),
      provider: options.provider,
      method: exchange.method,
      path: (options.label?.(exchange) ?? `${exchange.path}${query}`).replace(SECRETS, '[secret]'),
      status,
      mutation,
      ...(signatureValid === undefined ? {} : { signatureValid }),
    });
  };

  /** Returns the reply, or `undefined` when the connection is to be dropped (`down`, crash) or left open (`hang`). */
  const answer = async (exchange: Exchange, drop: () => void): Promise<Reply | undefined> => {
    const active = fault;
    const abandon = (hangUp: boolean): undefined => {
      record(exchange, 0, false);
      if (hangUp) drop();
    };
    if (active.mode === 'slow') {
      spendFault();
      await sleep(active.ms ?? SLOW_MILLISECONDS);
    } else if (active.mode === 'down' || active.mode === 'hang') {
      spendFault();
      return abandon(active.mode === 'down');
    } else if (active.mode === 'html') {
      spendFault();
      return { status: 502, headers: { 'content-type': 'text/html' }, body: HTML };
    } else if (active.mode !== 'none') {
      const refusal = options.refuse(active.mode, exchange, active);
      if (refusal !== undefined) {
        spendFault();
        return refusal;
      }
    }
    const changes = options.changes(exchange);
    if (changes && crash?.at === 'before-effect') {
      const { kill } = crash;
      crash = undefined;
      kill();
      return abandon(true);
    }
    const reply = await options.handle(exchange);
    if (changes && crash?.at === 'after-effect' && reply.status < 300) {
      const { kill } = crash;
      crash = undefined;
      kill();
      record(exchange, reply.status, true, reply.signatureValid);
      drop();
      return undefined;
    }
    return reply;
  };

  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const at = now();
    const [path = '/', search = ''] = (request.url ?? '/').split(/\?(.*)/s);
    const body = await readBody(request);
    const { method = 'GET', headers } = request;
    const exchange: Exchange = { at, method, path, query: new URLSearchParams(search), headers, body };
    if (rtt > 0) await sleep(rtt);
    const reply = await answer(exchange, () => request.socket.destroy());
    if (reply === undefined) return;
    record(exchange, reply.status, options.changes(exchange) && reply.status < 300, reply.signatureValid);
    send(response, reply);
  };

  const server = createServer((request, response) => {
    receive(request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else send(response, { status: 500, body: 'stand-in failed' });
    });
  });
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    setFault: (next) => {
      fault = next;
    },
    setRtt: (milliseconds) => {
      rtt = milliseconds;
    },
    crashNext: (at, kill) => {
      const armed = { at, kill };
      crash = armed;
      return () => {
        if (crash === armed) crash = undefined;
      };
    },
    reset: () => {
      calls.length = 0;
      fault = { mode: 'none' };
      crash = undefined;
      options.reset();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
