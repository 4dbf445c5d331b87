import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createPost } from '#shared/core/post.ts';

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
): Promise<URL> {
  let count = 0;
  const server = createServer((request, response) => {
    count += 1;
    answer(request, response, count);
  });
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
