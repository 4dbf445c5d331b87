import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import tls from 'node:tls';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createCertificate } from '#infra/sandbox/sns/certificate.ts';
import { createPost } from '#shared/core/post.ts';
import { createRawPoster } from '#shared/core/raw-poster.ts';

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

describe.each([
  ['createPost', createPost],
  ['createRawPoster', (timeoutMs: number) => createRawPoster(timeoutMs).post],
])('what %s makes', (_, create) => {
  it('sends headers and body, and gives status and body back', async () => {
    const url = await serve((request, response) => {
      void request.toArray().then((chunks) => {
        response.statusCode = 418;
        response.end(`${request.method} ${request.url} ${request.headers['x-a']} ${chunks.join('')}`);
      });
    });
    expect(await create(1000)(url, { 'x-a': 'b' }, 'hällo')).toEqual({ status: 418, body: 'POST /api/x b hällo' });
  });

  it('follows no redirect', async () => {
    const url = await serve((_, response) => response.writeHead(307, { location: '/elsewhere' }).end());
    expect((await create(1000)(url, {}, '')).status).toBe(307);
  });

  it('gives up after the time-out, also in the middle of an answer', async () => {
    for (const start of [() => undefined, (response: ServerResponse) => void response.write('half')]) {
      const url = await serve((_, response) => start(response));
      await expect(create(100)(url, {}, '')).rejects.toThrow();
    }
  });

  it('sends again on a fresh connection when kept ones turn out closed', async () => {
    const seen = new Set<unknown>();
    const url = await serve((request, response) => {
      if (seen.has(request.socket)) request.socket.destroy();
      else response.end('ok');
      seen.add(request.socket);
    });
    const post = create(1000);
    await Promise.all([post(url, {}, ''), post(url, {}, ''), post(url, {}, '')]);
    expect(await post(url, {}, '')).toEqual({ status: 200, body: 'ok' });
  });

  it('opens no more than four connections, however much is sent at once', async () => {
    const seen = new Set<unknown>();
    const url = await serve((request, response) => {
      seen.add(request.socket);
      setTimeout(() => response.end('ok'), 10);
    });
    const post = create(1000);
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
    await expect(create(1000)(url, {}, '')).rejects.toThrow();
    expect(times).toBe(1);
  });

  it('goes on with a kept connection after the time-out of the request before it', async () => {
    const connections: Socket[] = [];
    const url = await serve(
      (_, response) => response.end('ok'),
      (socket) => connections.push(socket),
    );
    const post = create(100);
    await post(url, {}, '');
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(await post(url, {}, '')).toEqual({ status: 200, body: 'ok' });
    expect(connections).toHaveLength(1);
  });

  it('gives to a waiting request what is answered to it, and nothing that came while nobody asked', async () => {
    const url = await serve((_, response, count) => {
      response.end(`to ${count}`);
      response.socket?.write('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged');
    });
    const post = create(1000);
    for (const count of [1, 2, 3]) expect(await post(url, {}, '')).toEqual({ status: 200, body: `to ${count}` });
  });

  it('sends no header that would be another one, or another request', async () => {
    const url = await serve((_, response) => response.end());
    await expect(create(1000)(url, { 'x-a': 'b\r\nx-c: d' }, '')).rejects.toThrow(TypeError);
    await expect(create(1000)(url, { 'x-a\r\n': 'b' }, '')).rejects.toThrow(TypeError);
  });
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
  const { post, open } = createRawPoster(1000);
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
    const { post, open } = createRawPoster(1000);
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
  const { post, open } = createRawPoster(1000);
  open(url);
  await expect(post(url, {}, '')).rejects.toThrow('ECONNREFUSED');
});

describe('over TLS', () => {
  async function serveTls(name: string): Promise<{ readonly url: URL; readonly seen: () => string }> {
    const { privateKeyPem, certificatePem } = await createCertificate(name);
    let seen = '';
    const before = tls.getCACertificates('default');
    tls.setDefaultCACertificates([...before, certificatePem]);
    const server = tls.createServer({ key: privateKeyPem, cert: certificatePem }, (socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        seen += chunk.toString();
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      tls.setDefaultCACertificates(before);
      server.close();
    });
    return { url: new URL(`https://localhost:${(server.address() as AddressInfo).port}/x`), seen: () => seen };
  }

  it('sends to whom the certificate names, and keeps the connection', async () => {
    const { url, seen } = await serveTls('localhost');
    const post = createRawPoster(1000).post;
    for (const _ of [1, 2]) expect(await post(url, { 'x-a': 'b' }, 'text')).toEqual({ status: 200, body: 'ok' });
    expect(seen()).toMatch(
      /^POST \/x HTTP\/1\.1\r\nhost: localhost:\d+\r\nx-a: b\r\ncontent-length: 4\r\n\r\ntextPOST/,
    );
  });

  it.each(['opened ahead', 'opened by the request'])('sends nothing to another, %s', async (how) => {
    const { url, seen } = await serveTls('other.example');
    const { post, open } = createRawPoster(1000);
    if (how === 'opened ahead') open(url);
    await expect(post(url, { authorization: 'secret' }, 'secret')).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(seen()).toBe('');
  });

  it('sends nothing to whom nobody has certified', async () => {
    const { url, seen } = await serveTls('localhost');
    tls.setDefaultCACertificates(tls.getCACertificates('bundled'));
    await expect(createRawPoster(1000).post(url, { authorization: 'secret' }, 'secret')).rejects.toThrow('self-signed');
    expect(seen()).toBe('');
  });
});
