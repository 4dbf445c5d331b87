import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that listens on 127.0.0.1. */
export interface Served {
  readonly port: number;
  readonly url: string;
  /** Ends the open connections, too. */
  close(): Promise<void>;
}

/** Longer than a client keeps an idle connection, so that none is closed under a request. */
const KEEP_ALIVE_MS = 65_000;

/** Listens on 127.0.0.1; port 0 picks a free one. Rejects when the port is taken. */
export async function serve(handle: RequestListener, port = 0): Promise<Served> {
  const server = createServer(handle);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    port: taken,
    url: `http://127.0.0.1:${taken}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Reads a request's body to its end. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
