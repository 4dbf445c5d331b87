import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createPost, createPoster } from '#shared/core/post.ts';

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
  connected: (socket: Socket) => void = () => undefined,
): Promise<URL> {
  let count = 0;
  const server = createServer((request, response) => {
    count += 1;
    answer(request, response, count);
  });
  server.on('connection', connected);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/x`);
}

it('sends headers and body, and gives status and body back', async () => {
  const url = await serve((request, response) => {
    void request.toArray().then((chunks) => {
      response.statusCode = 418;
      response.end(`${request.method} ${request.url} ${request.headers['x-a']} ${chunks.join('')}`);
    });
  });
  expect(await createPost(1000)(url, { 'x-a': 'b' }, 'hällo')).toEqual({ status: 418, body: 'POST /api/x b hällo' });
});

it('follows no redirect', async () => {
  const url = await serve((_, response) => response.writeHead(307, { location: '/elsewhere' }).end());
  expect((await createPost(1000)(url, {}, '')).status).toBe(307);
});

it('gives up after the time-out, also in the middle of an answer', async () => {
  for (const start of [() => undefined, (response: ServerResponse) => void response.write('half')]) {
    const url = await serve((_, response) => start(response));
    await expect(createPost(100)(url, {}, '')).rejects.toThrow();
  }
});

it('sends again on a fresh connection when kept ones turn out closed', async () => {
  const seen = new Set<unknown>();
  const url = await serve((request, response) => {
    if (seen.has(request.socket)) request.socket.destroy();
    else response.end('ok');
    seen.add(request.socket);
  });
  const post = createPost(1000);
  await Promise.all([post(url, {}, ''), post(url, {}, ''), post(url, {}, '')]);
  expect(await post(url, {}, '')).toEqual({ status: 200, body: 'ok' });
});

it('opens no more than four connections, however much is sent at once', async () => {
  const seen = new Set<unknown>();
  const url = await serve((request, response) => {
    seen.add(request.socket);
    setTimeout(() => response.end('ok'), 10);
  });
  const post = createPost(1000);
  const replies = await Promise.all(Array.from({ length: 16 }, () => post(url, {}, '')));
  expect(replies.every(({ body }) => body === 'ok')).toBe(true);
  expect(seen.size).toBe(4);
});

it('does not send again when a fresh connection is cut', async () => {
  let times = 0;
  const url = await serve((request) => {
    times += 1;
    request.socket.destroy();
  });
  await expect(createPost(1000)(url, {}, '')).rejects.toThrow();
  expect(times).toBe(1);
});

it('takes the connection that was opened ahead for the first request to its host, and no other', async () => {
  const connections: unknown[] = [];
  const seen: unknown[] = [];
  const url = await serve(
    (request, response) => {
      seen.push(request.socket);
      response.end('ok');
    },
    (socket) => connections.push(socket),
  );
  const { post, open } = createPoster(1000);
  open(url);
  await vi.waitFor(() => expect(connections).toHaveLength(1));
  expect(await post(url, {}, '')).toEqual({ status: 200, body: 'ok' });
  expect(await post(url, {}, '')).toEqual({ status: 200, body: 'ok' });
  expect(seen).toEqual([connections[0], connections[0]]);
  expect(connections).toHaveLength(1);
});

it.each(['before', 'at'] as const)(
  'opens its own when the one opened ahead is closed %s the first request',
  async (when) => {
    const connections: Socket[] = [];
    const url = await serve(
      (request, response) => {
        if (request.socket === connections[0]) request.socket.destroy();
        else response.end('ok');
      },
      (socket) => connections.push(socket),
    );
    const { post, open } = createPoster(1000);
    open(url);
    await vi.waitFor(() => expect(connections).toHaveLength(1));
    if (when === 'before') connections[0]?.resetAndDestroy();
    expect(await post(url, {}, '')).toEqual({ status: 200, body: 'ok' });
    expect(connections).toHaveLength(2);
  },
);

it('opens nothing ahead where nobody listens, and the request says so', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await new Promise((resolve) => server.close(resolve));
  const { post, open } = createPoster(1000);
  open(url);
  await expect(post(url, {}, '')).rejects.toThrow('ECONNREFUSED');
});
