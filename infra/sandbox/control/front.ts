import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody, serve } from '../kit/serve.ts';
import type { HttpAnswer, HttpRequest } from '../lambda/http-api.ts';
import { PAGE_HEADERS, type PageFile } from './page-files.ts';

/** What a control call is answered with: JSON, and sometimes a header of its own. */
export interface ControlAnswer {
  readonly status: number;
  readonly json: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface FrontParts {
  /** `undefined` without the page. */
  readonly page: ReadonlyMap<string, PageFile> | undefined;
  /** Answers `/sandbox/…`. */
  readonly control: (request: HttpRequest) => Promise<ControlAnswer>;
  /** Answers everything else, as API Gateway. */
  readonly api: (request: HttpRequest) => Promise<HttpAnswer>;
}

export interface Front {
  readonly url: string;
  /** Begins to answer; until then everything gets a 503. */
  serve(parts: FrontParts): void;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1 for the page, the control calls and what is sent to the functions. Rejects when the port is taken. */
export async function startFront(port: number): Promise<Front> {
  let parts: FrontParts | undefined;
  const { url, close } = await serve((incoming, response) => {
    void answer(incoming, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendJson(response, { status: 500, json: { error: error instanceof Error ? error.message : String(error) } });
    });
  }, port);

  return {
    url,
    serve: (given) => {
      parts = given;
    },
    close,
  };

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await read(incoming);
    if (parts === undefined) return sendJson(response, { status: 503, json: { error: 'The sandbox is starting.' } });
    const { page, control, api } = parts;
    const file = request.method === 'GET' ? page?.get(request.path) : undefined;
    if (file !== undefined) {
      response.writeHead(200, { ...PAGE_HEADERS, 'content-type': file.type }).end(file.body);
    } else if (request.path.startsWith('/sandbox/')) {
      sendJson(response, isOwnOrigin(incoming) ? await control(request) : FOREIGN);
    } else {
      const { status, headers, body } = await api(request);
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      response.writeHead(status).end(body);
    }
  }
}

const FOREIGN: ControlAnswer = {
  status: 403,
  json: { error: 'Only the sandbox itself may call this from a browser.' },
};

/** A web page of somebody else that is open in the same browser must not steer the sandbox. */
function isOwnOrigin({ headers }: IncomingMessage): boolean {
  const { origin, host = '' } = headers;
  const isLocal = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/.test(host);
  return isLocal && (origin === undefined || origin === `http://${host}`);
}

async function read(incoming: IncomingMessage): Promise<HttpRequest> {
  const [path = '/', query = ''] = (incoming.url ?? '/').split(/\?(.*)/s);
  return {
    method: incoming.method ?? 'GET',
    path,
    query,
    rawHeaders: incoming.rawHeaders,
    sourceIp: incoming.socket.remoteAddress ?? '127.0.0.1',
    body: await readBody(incoming),
  };
}

function sendJson(response: ServerResponse, { status, json, headers }: ControlAnswer): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(status === 304 ? undefined : typeof json === 'string' ? json : JSON.stringify(json));
}
