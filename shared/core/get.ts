import type { Agent, IncomingMessage } from 'node:http';
import { isClosed, onLiveConnection, STALE } from './on-live-connection.ts';

// As in post.ts: a plain import of `node:https`, and the first `fetch`, load undici, over 20 ms of a cold start.
const http = process.getBuiltinModule('node:http');
const https = process.getBuiltinModule('node:https');

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
  const agents: Readonly<Record<string, Agent>> = {
    'http:': new http.Agent({ keepAlive: true }),
    'https:': new https.Agent({ keepAlive: true }),
  };
  const send = (url: URL, { headers, signal }: Parameters<Get>[1]) =>
    new Promise<IncomingMessage | typeof STALE>((resolve, reject) => {
      const options = { method: 'GET', headers, signal, agent: agents[url.protocol] };
      const request = (url.protocol === 'https:' ? https : http).request(url, options, resolve);
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
