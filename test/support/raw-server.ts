import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** One request exactly as it arrived: the path is the raw one of the request line. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** What the server does with a request. */
export type Answer =
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly json?: unknown;
      readonly body?: string | Buffer;
    }
  /** Closes the connection without a word. */
  | 'reset'
  /** Never answers. */
  | 'hang'
  /** Sends the status and half a body, and never the rest. */
  | 'stall'
  /** Sends the status and half a body, and closes. */
  | 'break'
  | { readonly afterMs: number; readonly then: Answer };

export interface RawServer {
  readonly url: string;
  readonly requests: RawRequest[];
  /** Chooses what is answered from now on. */
  answer(script: (request: RawRequest) => Answer): void;
  close(): Promise<void>;
}

async function readRequest(request: IncomingMessage): Promise<RawRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers as Record<string, string>,
    body: Buffer.concat(chunks).toString(),
  };
}

async function act(answer: Answer, response: ServerResponse): Promise<void> {
  if (answer === 'hang') return;
  if (answer === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  if (answer === 'stall' || answer === 'break') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"items":[');
    if (answer === 'break') setTimeout(() => response.socket?.destroy(), 20);
    return;
  }
  if ('afterMs' in answer) {
    await pause(answer.afterMs);
    return act(answer.then, response);
  }
  // Only a script tells the time.
  response.sendDate = false;
  const json = answer.json === undefined ? undefined : JSON.stringify(answer.json);
  response.writeHead(answer.status, {
    ...(json !== undefined && { 'content-type': 'application/json' }),
    ...answer.headers,
  });
  response.end(json ?? answer.body);
}

/** Starts an HTTP server on 127.0.0.1 whose every answer is scripted, misbehaviour on the socket included. */
export async function startRawServer(): Promise<RawServer> {
  const requests: RawRequest[] = [];
  let script: (request: RawRequest) => Answer = () => ({ status: 501 });
  const server = createServer((incoming, response) => {
    void readRequest(incoming).then((request) => {
      requests.push(request);
      return act(script(request), response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer: (next) => {
      script = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
