import type { Agent } from 'node:http';
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

/** Connections to one host. Each costs a TLS handshake, which is a cold edge's dearest work; a fifth saves hardly a wait. */
const CONNECTIONS = 4;

/**
 * Makes POSTs over at most four kept-alive connections to a host, without `fetch`, whose first call costs the edges three times as much.
 * Rejects when no whole answer arrives within the time-out; sends again when a kept connection turns out closed.
 */
export function createPost(timeoutMs: number): Post {
  const agents: Record<string, Agent> = {
    'http:': new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS }),
    'https:': new https.Agent({ keepAlive: true, maxSockets: CONNECTIONS }),
  };
  const send = (url: URL, headers: Readonly<Record<string, string>>, body: string) =>
    new Promise<PostReply | typeof STALE>((resolve, reject) => {
      const secure = url.protocol === 'https:';
      const request = (secure ? https : http).request(
        {
          host: url.hostname,
          port: url.port,
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
            resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') });
          });
          response.on('error', reject);
        },
      );
      request.on('error', (error: NodeJS.ErrnoException) => {
        if (request.reusedSocket && isClosed(error)) resolve(STALE);
        else reject(error);
      });
      request.end(body);
    });
  // Connections kept over the sandbox's freeze may have been closed by the other side.
  return (url, headers, body) => onLiveConnection(() => send(url, headers, body));
}
