import type { Agent } from 'node:http';
import type { Socket } from 'node:net';
import { isClosed, onLiveConnection, STALE } from './on-live-connection.ts';

// A plain `import 'node:https'` costs an ES module over 20 ms on Node 24, since its facade loads undici; this does not.
const http = process.getBuiltinModule('node:http');
const https = process.getBuiltinModule('node:https');

export interface PostReply {
  readonly status: number;
  readonly body: string;
}

/** Sends one POST and gives whatever was answered; follows no redirect. */
export type Post = (url: URL, headers: Readonly<Record<string, string>>, body: string) => Promise<PostReply>;

/** A `Post` that can open a connection ahead of the first request. */
export interface Poster {
  readonly post: Post;
  /** Begins one connection to the host, which its next request takes over; where that fails the request opens its own. */
  open(url: URL): void;
}

/** Connections to one host. Each costs a TLS handshake, which is a cold edge's dearest work; a fifth saves hardly a wait. */
const CONNECTIONS = 4;

/**
 * Makes POSTs over at most four kept-alive connections to a host, without `fetch`, whose first call costs the edges three times as much.
 * Rejects when no whole answer arrives within the time-out; sends again when a kept connection turns out closed.
 */
export function createPost(timeoutMs: number): Post {
  return createPoster(timeoutMs).post;
}

/** Makes the same POSTs, and connections ahead of them. */
export function createPoster(timeoutMs: number): Poster {
  const agents: Record<string, Agent> = {
    'http:': new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS }),
    'https:': new https.Agent({ keepAlive: true, maxSockets: CONNECTIONS }),
  };
  const ahead = createConnectionsAhead(Object.values(agents));
  const send = (url: URL, headers: Readonly<Record<string, string>>, body: string) =>
    new Promise<PostReply | typeof STALE>((resolve, reject) => {
      const secure = url.protocol === 'https:';
      const request = (secure ? https : http).request(
        {
          ...placeOf(url),
          path: url.pathname,
          method: 'POST',
          headers,
          agent: agents[url.protocol],
          signal: AbortSignal.timeout(timeoutMs),
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            ahead.prove(request.socket);
            resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') });
          });
          response.on('error', reject);
        },
      );
      request.on('error', (error: NodeJS.ErrnoException) => {
        const isKept = request.reusedSocket || ahead.isStale(request.socket);
        if (isKept && isClosed(error)) resolve(STALE);
        else reject(error);
      });
      request.end(body);
    });
  // Connections kept over the sandbox's freeze may have been closed by the other side.
  const post: Post = (url, headers, body) => onLiveConnection(() => send(url, headers, body));
  return {
    post,
    open: (url) => {
      const agent = agents[url.protocol];
      if (agent !== undefined) ahead.open(agent, url);
    },
  };
}

/** Where a request for an address connects to. */
function placeOf({ protocol, hostname, port }: URL): { readonly host: string; readonly port: number } {
  return { host: hostname, port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) };
}

/** Lets agents take connections that were opened ahead of the requests. */
function createConnectionsAhead(agents: readonly Agent[]) {
  const waiting = new Map<string, Socket>();
  /** Those that no answer has come over yet: they may have been closed while they waited. */
  const unproved = new WeakSet<Socket>();
  const connectOf = new Map(agents.map((agent) => [agent, agent.createConnection.bind(agent)]));
  for (const [agent, connect] of connectOf) {
    agent.createConnection = (options, callback) => {
      const key = `${options.host}:${options.port}`;
      const socket = waiting.get(key);
      waiting.delete(key);
      return socket?.destroyed === false ? socket.ref() : connect(options, callback);
    };
  }
  return {
    open: (agent: Agent, url: URL) => {
      const place = placeOf(url);
      const key = `${place.host}:${place.port}`;
      const options = { ...place, servername: place.host, noDelay: true };
      const socket = connectOf.get(agent)?.(options) as Socket;
      const forget = () => {
        if (waiting.get(key) === socket) waiting.delete(key);
      };
      // It keeps no process alive, and its failure is nobody's: the request that finds none opens its own.
      socket.unref().on('error', forget).on('close', forget);
      unproved.add(socket);
      waiting.set(key, socket);
    },
    isStale: (socket: Socket | null) => socket !== null && unproved.has(socket),
    prove: (socket: Socket | null) => {
      if (socket !== null) unproved.delete(socket);
    },
  };
}
