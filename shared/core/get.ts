import type { IncomingMessage } from 'node:http';
import { isClosed, onLiveConnection, STALE } from './on-live-connection.ts';

/**
 * Loaded by the first request: 7 ms that most cold starts of an edge do without. A plain import of `node:https`, and the
 * first `fetch`, load undici as well, over 20 ms.
 */
function loadClients() {
  const http = process.getBuiltinModule('node:http');
  const https = process.getBuiltinModule('node:https');
  return {
    'http:': { client: http, agent: new http.Agent({ keepAlive: true }) },
    'https:': { client: https, agent: new https.Agent({ keepAlive: true }) },
  };
}

/** What was answered: a body in pieces, of which whoever wants no more says so. */
export interface GetReply {
  readonly status: number;
  readonly body: (AsyncIterable<Uint8Array> & { cancel(): Promise<void> }) | null;
}

/** Sends one GET and gives whatever was answered; follows no redirect. `fetch` is one as well. */
export type Get = (
  url: URL,
  request: {
    readonly headers: Readonly<Record<string, string>>;
    readonly redirect: 'manual';
    readonly signal: AbortSignal;
  },
) => Promise<GetReply>;

/** Makes GETs over kept-alive connections without `fetch`; sends again when a kept connection turns out closed. */
export function createGet(): Get {
  let clients: ReturnType<typeof loadClients> | undefined;
  const send = (url: URL, { headers, signal }: Parameters<Get>[1]) =>
    new Promise<IncomingMessage | typeof STALE>((resolve, reject) => {
      clients ??= loadClients();
      const { client, agent } = clients[url.protocol === 'https:' ? 'https:' : 'http:'];
      const request = client.request(url, { method: 'GET', headers, signal, agent }, resolve);
      request.on('error', (error: NodeJS.ErrnoException) => {
        if (request.reusedSocket && isClosed(error)) resolve(STALE);
        else reject(error);
      });
      request.end();
    });
  return async (url, request) => {
    const reply = await onLiveConnection(() => send(url, request));
    const cancel = async (): Promise<void> => void reply.destroy();
    return { status: reply.statusCode ?? 0, body: Object.assign(reply, { cancel }) };
  };
}
