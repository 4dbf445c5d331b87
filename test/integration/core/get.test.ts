import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createGet, type Get, type GetReply } from '#shared/core/get.ts';

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<URL> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/x?y=1`);
}

async function textOf({ body }: GetReply): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body ?? []) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

const patient = () => ({ headers: { 'x-a': 'b' }, redirect: 'manual', signal: AbortSignal.timeout(5000) }) as const;

// What stands in for `fetch` does as it does.
describe.each<[string, () => Get]>([
  ['the edges’ own GET', createGet],
  ['fetch', () => fetch],
])('%s', (_, create) => {
  it('sends headers, and gives status and body back', async () => {
    const url = await serve((request, response) => {
      response.statusCode = 418;
      response.end(`${request.method} ${request.url} ${request.headers['x-a']} hällo`);
    });
    const reply = await create()(url, patient());
    expect([reply.status, await textOf(reply)]).toEqual([418, 'GET /api/x?y=1 b hällo']);
  });

  it('follows no redirect', async () => {
    const url = await serve((_request, response) => response.writeHead(307, { location: '/elsewhere' }).end());
    expect((await create()(url, patient())).status).toBe(307);
  });

  it('gives up when it is told to, also in the middle of an answer', async () => {
    for (const start of [() => undefined, (response: ServerResponse) => void response.write('half')]) {
      const url = await serve((_request, response) => start(response));
      const request = { ...patient(), signal: AbortSignal.timeout(100) };
      await expect(create()(url, request).then(textOf)).rejects.toThrow();
    }
  });

  it('takes a body that breaks off for no answer, and lets one go that nobody wants', async () => {
    const broken = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    await expect(create()(broken, patient()).then(textOf)).rejects.toThrow();
    const closed = new Promise((resolve) => {
      void serve((_request, response) => {
        response.on('close', resolve);
        response.write('more and more');
      }).then(async (url) => (await create()(url, patient())).body?.cancel());
    });
    await closed;
  });
});

it('sends again on a fresh connection when kept ones turn out closed', async () => {
  const seen = new Set<unknown>();
  const url = await serve((request, response) => {
    if (seen.has(request.socket)) request.socket.destroy();
    else response.end('ok');
    seen.add(request.socket);
  });
  const get = createGet();
  expect(await textOf(await get(url, patient()))).toBe('ok');
  expect(await textOf(await get(url, patient()))).toBe('ok');
  expect(seen.size).toBe(2);
});
