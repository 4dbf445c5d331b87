import type { Socket } from 'node:net';
import { isClosed, onLiveConnection, STALE } from './on-live-connection.ts';
import type { Post, PostReply } from './post.ts';
import { readReply } from './read-reply.ts';

// Without `node:http`, which costs 7 ms of each cold start, and without the facade of a plain import.
const net = process.getBuiltinModule('node:net');
const tls = process.getBuiltinModule('node:tls');

/** Connections to one host. Each costs a TLS handshake, which is a cold edge's dearest work; a fifth saves hardly a wait. */
const CONNECTIONS = 4;

/** A `Post` that can open a connection ahead of the first request. */
export interface Poster {
  readonly post: Post;
  /** Begins one connection to the host, which its next request takes over; where that fails the request opens its own. */
  open(url: URL): void;
}

/** Tells of each request before it is sent, with its headers, as Node's own clients do; whoever listens may add some. */
const told = process.getBuiltinModule('node:diagnostics_channel').channel('patrol:post:request');

/**
 * Makes the POSTs of `createPost` by hand over TLS, for the edges: at most four kept-alive connections to a host. Rejects when
 * no whole answer arrives within the time-out; sends again when a kept connection turns out closed.
 */
export function createRawPoster(timeoutMs: number): Poster {
  const hosts = new Map<string, Host>();
  const hostOf = (url: URL): Host => {
    const host = hosts.get(url.origin) ?? createHost(url);
    hosts.set(url.origin, host);
    return host;
  };
  return {
    post: async (url, headers, body) => {
      const request = writeRequest(url, headers, body);
      // Connections kept over the sandbox's freeze may have been closed by the other side.
      return onLiveConnection(() => hostOf(url).send(request, AbortSignal.timeout(timeoutMs)));
    },
    open: (url) => {
      hostOf(url).open();
    },
  };
}

/** What a header may hold: a line's end in one would be a header, or a request, of somebody else's. */
const HEADER = /^[\t\x20-\x7e]*$/;

function writeRequest(url: URL, headers: Readonly<Record<string, string>>, body: string): string {
  const all: Record<string, string> = {
    host: url.host,
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
  };
  told.publish({ headers: all });
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  if (!lines.every((line) => HEADER.test(line))) throw new TypeError('a header holds what none may hold');
  return `POST ${url.pathname} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}

interface Connection {
  readonly socket: Socket;
  /** Resolves when it may be written to: over TLS only to whom the certificate names. */
  readonly isReady: Promise<void>;
  /** What becomes of it is told to the request that is under way; without one it is of no use any more. */
  exchange: { onData(chunk: Buffer): void; onEnd(): void; onError(error: Error): void } | undefined;
}

interface Host {
  /** Sends on a connection that waits, or on a new one, when fewer than four are busy. */
  send(request: string, signal: AbortSignal): Promise<PostReply | typeof STALE>;
  open(): void;
}

function createHost(url: URL): Host {
  const waiting: Connection[] = [];
  const queue: (() => void)[] = [];
  let busy = 0;

  const keep = (connection: Connection): void => {
    connection.exchange = undefined;
    // It keeps no process alive while it waits.
    connection.socket.unref();
    waiting.push(connection);
  };
  const take = (): { readonly connection: Connection; readonly isKept: boolean } => {
    for (let kept = waiting.pop(); kept !== undefined; kept = waiting.pop()) {
      if (!kept.socket.destroyed) return { connection: kept, isKept: true };
    }
    return { connection: connect(url), isKept: false };
  };
  return {
    open: () => {
      keep(connect(url));
    },
    send: async (request, signal) => {
      if (busy < CONNECTIONS) busy += 1;
      else await new Promise<void>((resolve) => queue.push(resolve));
      try {
        const { connection, isKept } = take();
        connection.socket.ref();
        const reply = await exchange(connection, { request, signal, isKept });
        if (reply !== STALE && reply.isReusable) keep(connection);
        else connection.socket.destroy();
        return reply === STALE ? STALE : { status: reply.status, body: reply.body };
      } finally {
        const next = queue.shift();
        if (next === undefined) busy -= 1;
        else next();
      }
    },
  };
}

function connect({ protocol, hostname: host, port }: URL): Connection {
  const isSecure = protocol === 'https:';
  const place = { host, port: port === '' ? (isSecure ? 443 : 80) : Number(port) };
  const socket = isSecure
    ? tls.connect({ ...place, servername: host, ALPNProtocols: ['http/1.1'] })
    : net.connect(place);
  const isReady = new Promise<void>((resolve) => socket.once(isSecure ? 'secureConnect' : 'connect', resolve));
  const connection: Connection = { socket, isReady, exchange: undefined };
  socket.setNoDelay(true);
  socket.on('data', (chunk: Buffer) => {
    if (connection.exchange === undefined) socket.destroy();
    else connection.exchange.onData(chunk);
  });
  socket.on('error', (error: Error) => connection.exchange?.onError(error));
  socket.on('end', () => connection.exchange?.onEnd());
  socket.on('close', () => connection.exchange?.onEnd());
  return connection;
}

type Reply = NonNullable<ReturnType<typeof readReply>>;

/** What a request sees of a connection that ends before the answer. */
const hungUp = (): Error => Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' });

function exchange(
  connection: Connection,
  { request, signal, isKept }: { readonly request: string; readonly signal: AbortSignal; readonly isKept: boolean },
): Promise<Reply | typeof STALE> {
  return new Promise((resolve, reject) => {
    let bytes: Buffer = Buffer.alloc(0);
    const settle = (): void => {
      connection.exchange = undefined;
      signal.removeEventListener('abort', onAbort);
    };
    const onError = (error: Error): void => {
      settle();
      connection.socket.destroy();
      if (isKept && bytes.length === 0 && isClosed(error)) resolve(STALE);
      else reject(error);
    };
    const onAbort = (): void => {
      onError(signal.reason as Error);
    };
    const read = (hasEnded: boolean): void => {
      try {
        const reply = readReply(bytes, hasEnded);
        if (reply === undefined) return;
        settle();
        resolve(reply);
      } catch (error) {
        onError(error as Error);
      }
    };
    const onData = (chunk: Buffer): void => {
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
      read(false);
    };
    const onEnd = (): void => {
      if (bytes.length === 0) onError(hungUp());
      else read(true);
    };
    connection.exchange = { onData, onEnd, onError };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
    void connection.isReady.then(() => connection.socket.write(request));
  });
}
