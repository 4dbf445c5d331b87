import { once } from 'node:events';
import { createConnection } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startListener } from '#infra/sandbox/kit/listener.ts';
import { createRateLimit } from '#infra/sandbox/kit/rate-limit.ts';
import type { StandIn } from '#infra/sandbox/kit/stand-in.ts';

let listener: StandIn;
let applied: string[];
let slept: number[];
let whileAsleep: () => void;

beforeEach(async () => {
  applied = [];
  slept = [];
  whileAsleep = () => undefined;
  listener = await startListener({
    provider: 'test',
    sleep: async (milliseconds) => {
      slept.push(milliseconds);
      whileAsleep();
    },
    handle: ({ path, body }) => {
      if (path === '/fail') throw new Error('broken');
      applied.push(`${path} ${body.toString()}`);
      return path === '/refused' ? { status: 403, json: {} } : { status: 200, json: { path } };
    },
    changes: ({ method }) => method === 'POST',
    refuse: (mode, { path }) => (path === '/spared' ? undefined : { status: Number(mode) || 404, body: mode }),
    reset: () => {
      applied = [];
    },
  });
});
afterEach(() => listener.close());

const get = (path: string) => fetch(listener.url + path);
const post = (path: string) => fetch(listener.url + path, { method: 'POST', body: 'x' });

describe('what every stand-in shares', () => {
  it('listens on the loopback interface only', () => {
    expect(listener.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('records each call, and as a mutation only a change that was accepted', async () => {
    await get('/a?b=1');
    await post('/c');
    await post('/refused');
    expect(listener.calls).toMatchObject([
      { provider: 'test', method: 'GET', path: '/a?b=1', status: 200, mutation: false },
      { method: 'POST', path: '/c', status: 200, mutation: true },
      { method: 'POST', path: '/refused', status: 403, mutation: false },
    ]);
  });

  it('keeps the path as it stands in the request line', async () => {
    const { port } = new URL(listener.url);
    const socket = createConnection(Number(port), '127.0.0.1');
    socket.write('GET /a/../b/%2e%2e HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
    expect(listener.calls.map(({ path }) => path)).toEqual(['/a/../b/%2e%2e']);
  });

  it('masks what looks like a token in a path', async () => {
    const secrets = ['lsv2_pt_0123_45', 'eyJ0eXAi.eyJpc3Mi.abc', 'xoxb-1-2', 'ghp_abc'];
    for (const secret of secrets) await get(`/${secret}`);
    expect(new Set(listener.calls.map(({ path }) => path))).toEqual(new Set(['/[secret]']));
  });

  it('adds the round-trip time to every answer, also after a reset', async () => {
    listener.setRtt(60);
    listener.reset();
    await get('/a');
    expect(slept).toEqual([60]);
  });

  it('answers late while it is slow', async () => {
    listener.setFault({ mode: 'slow', ms: 120, count: 1 });
    expect((await get('/a')).status).toBe(200);
    expect((await get('/a')).status).toBe(200);
    expect(slept).toEqual([120]);
  });

  it.each(['a slow call', 'a round trip'])('lets %s from before a reset change nothing after it', async (what) => {
    if (what === 'a slow call') listener.setFault({ mode: 'slow', ms: 120 });
    else listener.setRtt(60);
    whileAsleep = () => listener.reset();
    await expect(post('/c')).rejects.toThrow();
    expect(applied).toEqual([]);
    expect(listener.calls).toEqual([]);
  });

  it('counts only the calls that a fault concerns', async () => {
    listener.setFault({ mode: '500', count: 1 });
    expect((await get('/spared')).status).toBe(200);
    expect((await get('/a')).status).toBe(500);
    expect((await get('/a')).status).toBe(200);
  });

  it('stays faulty without a count until it is told none', async () => {
    listener.setFault({ mode: '429' });
    for (let i = 0; i < 3; i += 1) expect((await get('/a')).status).toBe(429);
    listener.setFault({ mode: 'none' });
    expect((await get('/a')).status).toBe(200);
  });

  it('is silent when down, and applies nothing then', async () => {
    listener.setFault({ mode: 'down' });
    await expect(post('/a')).rejects.toThrow();
    expect([applied, listener.calls.at(-1)?.status]).toEqual([[], 0]);
  });

  it('lets an after-effect crash wait for a change that succeeds', async () => {
    let kills = 0;
    listener.crashNext('after-effect', () => (kills += 1));
    await get('/a');
    await post('/refused');
    expect(kills).toBe(0);
    await expect(post('/b')).rejects.toThrow();
    expect([kills, applied.at(-1)]).toEqual([1, '/b x']);
    expect(listener.calls.at(-1)).toMatchObject({ mutation: true, status: 200 });
    expect((await post('/b')).status).toBe(200);
  });

  it('calls a crash off', async () => {
    const callOff = listener.crashNext('before-effect', () => expect.unreachable());
    callOff();
    expect((await post('/a')).status).toBe(200);
  });

  it('answers 500 when a stand-in itself is at fault', async () => {
    expect((await get('/fail')).status).toBe(500);
  });

  it('closes while calls hang', async () => {
    listener.setFault({ mode: 'hang' });
    const hanging = expect(get('/a')).rejects.toThrow();
    while (listener.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await listener.close();
    await hanging;
  });
});

it('limits by windows of a minute that open with the first call, each key by itself', () => {
  let clock = 1_000;
  const limit = createRateLimit(2, () => new Date(clock));
  expect([limit.allow('a'), limit.allow('a'), limit.allow('a'), limit.allow('b')]).toEqual([true, true, false, true]);
  clock += 59_000;
  expect([limit.allow('a'), limit.retryAfterSeconds('a')]).toEqual([false, 1]);
  clock += 1_000;
  expect(limit.allow('a')).toBe(true);
});
