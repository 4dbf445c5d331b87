import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readBody } from '../kit/serve.ts';
import type { Invocation } from './invocation.ts';

const PREFIX = '/2018-06-01/runtime';

interface RuntimeApiOptions {
  /** Is told where it listens, as `host:port`. */
  readonly onListening: (address: string) => void;
  /** The function has been loaded, and asks for its first event; or with the error when it could not be loaded. */
  readonly onReady: (failed: Invocation | undefined) => void;
  readonly onAnswer: (id: string, invocation: Invocation) => void;
}

/** The Lambda Runtime API for one process, on 127.0.0.1. */
export interface RuntimeApi {
  /** Answers the client's request for its next event, which it makes right after it has answered the last. */
  hand(event: string, headers: () => Readonly<Record<string, string>>): Promise<void>;
  /** Ends every connection; what waits to be handed over is not. */
  close(): void;
}

/** Starts to listen. */
export function startRuntimeApi({ onListening, onReady, onAnswer }: RuntimeApiOptions): RuntimeApi {
  let next = Promise.withResolvers<ServerResponse | undefined>();

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? '';
    if (path === `${PREFIX}/invocation/next`) {
      next.resolve(response);
      onReady(undefined);
      return;
    }
    const payload = (await readBody(request)).toString('utf8');
    response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}');
    if (path === `${PREFIX}/init/error`) onReady({ ok: false, payload, died: true });
    const [, id, kind] = /\/invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    if (id !== undefined) onAnswer(id, { ok: kind === 'response', payload, died: false });
  };

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1', () => onListening(`127.0.0.1:${(server.address() as AddressInfo).port}`));

  return {
    hand: async (event, headers) => {
      const response = await next.promise;
      next = Promise.withResolvers();
      response?.writeHead(200, { ...headers() }).end(event);
    },
    close: () => {
      next.resolve(undefined);
      server.close();
      server.closeAllConnections();
    },
  };
}
