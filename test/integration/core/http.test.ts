import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Fault, isFault } from '#shared/core/fault.ts';
import {
  chooseDelay,
  createHttp,
  type HttpReply,
  type HttpRequest,
  readRetryAfter,
  refusedBy,
} from '#shared/core/http.ts';
import { type Answer, type RawServer, startRawServer } from '#test/support/raw-server.ts';

const NOW = new Date('2026-06-01T12:00:00.000Z');
let server: RawServer;
let slept: number[];
let clock: number;

beforeAll(async () => {
  server = await startRawServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
  slept = [];
  clock = NOW.getTime();
});

const deps = {
  fetch: globalThis.fetch,
  now: () => new Date(clock),
  sleep: async (milliseconds: number) => {
    slept.push(milliseconds);
    clock += milliseconds;
  },
  random: () => 0.5,
  limits: { attemptMs: 10_000, replyBytes: 10_000 },
};

/** Only what never answers is given up soon: everything else may take as long as a busy machine needs. */
const patienceFor = (trouble: Answer) => (trouble === 'hang' || trouble === 'stall' ? 400 : deps.limits.attemptMs);

const send = (request: Partial<HttpRequest> = {}, attemptMs = deps.limits.attemptMs) =>
  createHttp({ ...deps, limits: { ...deps.limits, attemptMs } })({
    label: 'test: a call',
    method: 'GET',
    url: new URL(`${server.url}/here`),
    headers: { authorization: 'Bearer top-secret' },
    isSafe: true,
    ...request,
  });

async function faultOf(call: Promise<unknown>): Promise<Fault> {
  const error = await call.then(
    () => expect.fail('it should have thrown'),
    (reason: unknown) => reason,
  );
  if (!isFault(error)) throw error;
  expect(inspect(error, { depth: 10 })).not.toMatch(/top-secret|127\.0\.0\.1|confidential/);
  return error;
}

/** Answers one after the other; the last one for ever. */
const inTurn = (...answers: Answer[]) => {
  let turn = 0;
  server.answer(() => answers[Math.min(turn++, answers.length - 1)] ?? 'reset');
};
const ok: Answer = { status: 200, json: { fine: true } };

describe('createHttp', () => {
  it('returns status, headers and parsed body', async () => {
    inTurn({ status: 201, json: { a: 1 }, headers: { 'x-here': 'yes' } });
    const reply = await send({ method: 'POST', body: '{"b":2}', headers: { 'content-type': 'application/json' } });
    expect(reply).toMatchObject({ status: 201, body: 'json', json: { a: 1 }, mayHaveActed: false });
    expect(reply.headers.get('x-here')).toBe('yes');
    expect(server.requests).toMatchObject([{ method: 'POST', path: '/here', body: '{"b":2}' }]);
  });

  it.each([
    ['HTML', '<html>confidential</html>', 'other'],
    ['broken JSON', '{"a":', 'other'],
    ['nothing', '', 'empty'],
    ['blanks', ' \r\n', 'empty'],
    ['JSON whatever the content type', '[1]', 'json'],
  ])('keeps the status when the body is %s', async (_, body, kind) => {
    inTurn({ status: 404, body, headers: { 'content-type': 'text/html' } });
    expect(await send()).toMatchObject({ status: 404, body: kind });
  });

  it('follows no redirect, so that no credential travels on', async () => {
    inTurn({ status: 302, headers: { location: `${server.url}/elsewhere` } });
    expect(await send()).toMatchObject({ status: 302, body: 'empty' });
    expect(server.requests.map(({ path }) => path)).toEqual(['/here']);
  });

  it.each<[string, Answer]>([
    ['a reset connection', 'reset'],
    ['a body that breaks off', 'break'],
    ['silence', 'hang'],
    ['a body that never ends', 'stall'],
    ['429', { status: 429 }],
    ['500', { status: 500, body: '<html>' }],
    ['503 without a body', { status: 503 }],
  ])('tries a safe request again after %s', async (_, trouble) => {
    inTurn(trouble, ok);
    expect(await send({}, patienceFor(trouble))).toMatchObject({ status: 200, json: { fine: true } });
    expect(server.requests).toHaveLength(2);
  });

  it.each<[string, Answer, object]>([
    ['a reset connection', 'reset', { code: 'provider_unavailable', status: undefined }],
    ['silence', 'hang', { code: 'provider_unavailable', detail: 'test: a call: no answer in time' }],
    ['a body that never ends', 'stall', { code: 'provider_unavailable' }],
    ['429', { status: 429, json: { message: 'confidential' } }, { code: 'provider_rate_limited', status: 429 }],
    ['500', { status: 500, body: 'confidential' }, { code: 'provider_unavailable', status: 500 }],
  ])('gives up on %s after three attempts, with what is known', async (_, trouble, expected) => {
    inTurn(trouble);
    expect(await faultOf(send({}, patienceFor(trouble)))).toMatchObject(expected);
    expect(server.requests).toHaveLength(3);
    expect(slept).toEqual([100, 200]);
  });

  it.each<[string, Answer]>([
    ['a reset connection', 'reset'],
    ['silence', 'hang'],
    ['429', { status: 429, headers: { 'retry-after': '0' } }],
    ['500', { status: 500 }],
  ])('never repeats a request that is not safe, after %s', async (_, trouble) => {
    inTurn(trouble, ok);
    await faultOf(send({ method: 'PUT', isSafe: false }, patienceFor(trouble)));
    expect(server.requests).toHaveLength(1);
    expect(slept).toEqual([]);
  });

  it.each<[string, Answer]>([
    ['a refusal', { status: 403, json: {} }],
    ['a conflict', { status: 409, json: {} }],
    ['an acceptance', ok],
  ])('sends once what gets %s', async (_, answer) => {
    inTurn(answer);
    await send();
    expect(server.requests).toHaveLength(1);
  });

  it('keeps a refusal whose body breaks off', async () => {
    const broken = async () =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.error(new TypeError('terminated')),
        }),
        { status: 401 },
      );
    const reply = await createHttp({ ...deps, fetch: broken })({
      label: 't',
      method: 'GET',
      url: new URL('http://x'),
      headers: {},
      isSafe: true,
    });
    expect(reply).toMatchObject({ status: 401, body: 'other' });
  });

  it('says when an earlier attempt may have had its effect, and when it cannot have', async () => {
    inTurn('reset', { status: 404 });
    expect(await send({ method: 'DELETE' })).toMatchObject({ status: 404, mayHaveActed: true });
    inTurn({ status: 429 }, { status: 404 });
    expect(await send({ method: 'DELETE' })).toMatchObject({ status: 404, mayHaveActed: false });
  });

  it('waits as long as Retry-After says, and a little more', async () => {
    inTurn(
      { status: 429, headers: { 'retry-after': '2' } },
      { status: 503, headers: { 'retry-after': 'Mon, 01 Jun 2026 12:00:05 GMT' } },
      ok,
    );
    expect(await send()).toMatchObject({ status: 200 });
    expect(slept[0]).toBe(2100);
    expect(slept[1]).toBeGreaterThanOrEqual(2900);
  });

  it('hands on a Retry-After that is too long to wait for', async () => {
    inTurn({ status: 429, headers: { 'retry-after': '60' } }, ok);
    expect(await faultOf(send())).toMatchObject({ code: 'provider_rate_limited', retryAfterSeconds: 60 });
    expect(server.requests).toHaveLength(1);
  });

  it('begins no attempt after its deadline', async () => {
    inTurn({ status: 500 }, { status: 500 }, ok);
    await faultOf(send({ until: clock + 150 }));
    expect(server.requests).toHaveLength(2);
    expect(await faultOf(send({ until: clock - 1 }))).toMatchObject({ detail: 'test: a call: no time left' });
    expect(server.requests).toHaveLength(2);
  });

  it('reads no more of a reply than the limit', async () => {
    inTurn({ status: 200, body: `"${'x'.repeat(20_000)}"` });
    const reply = await send();
    expect(reply).toMatchObject({ status: 200, body: 'other', json: undefined });
    // Of a change a fresh read decides.
    inTurn({ status: 200, body: `"${'x'.repeat(20_000)}"` });
    expect(refusedBy(await send({ method: 'PUT' }), 'a change')).toMatchObject({ code: 'provider_unexpected' });
    // Trying again would meet the same: it is no trouble that passes.
    expect(refusedBy(reply, 'listing')).toMatchObject({
      code: 'provider_unexpected',
      detail: 'listing: HTTP 200, a reply longer than is read',
      isRetryable: false,
    });
  });

  it('does not quote a header that cannot be sent', async () => {
    const fault = await faultOf(send({ headers: { authorization: 'Bearer top-secret\nx' } }));
    expect(fault).toMatchObject({ code: 'provider_unavailable', detail: 'test: a call: connection lost' });
  });

  it('names the reason why nothing could be reached', async () => {
    const gone = await startRawServer();
    await gone.close();
    expect(await faultOf(send({ url: new URL(gone.url) }))).toMatchObject({
      detail: 'test: a call: connection lost (ECONNREFUSED)',
    });
  });
});

describe('chooseDelay', () => {
  it('is drawn from zero up to a ceiling that doubles and is capped', () => {
    const fault = new Fault('provider_unavailable', 'x');
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempts, random) => {
          const delay = chooseDelay(fault, attempts, { ...deps, random: () => random }) ?? -1;
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(Math.min(2000, 200 * 2 ** (attempts - 1)));
        },
      ),
    );
  });
});

describe('readRetryAfter', () => {
  it.each([
    ['0', 0],
    ['120', 120],
    ['Mon, 01 Jun 2026 12:00:30 GMT', 30],
    ['Mon, 01 Jun 2026 11:00:00 GMT', 0],
    ['-1', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['2026', 2026],
    ['', undefined],
  ])('reads %j as %j', (value, expected) => {
    expect(readRetryAfter(new Headers({ 'retry-after': value }), NOW)).toBe(expected);
  });
});

describe('refusedBy', () => {
  const reply = (status: number, body: HttpReply['body']): HttpReply => ({
    status,
    body,
    json: {},
    headers: new Headers(),
    mayHaveActed: false,
  });

  it.each([
    [401, 'json', 'provider_unauthorized'],
    [401, 'empty', 'provider_unauthorized'],
    [401, 'other', 'provider_unreached'],
    [403, 'other', 'provider_unreached'],
    [405, 'other', 'provider_unreached'],
    [302, 'other', 'provider_unreached'],
    [400, 'json', 'provider_unexpected'],
    [404, 'empty', 'provider_unexpected'],
    [404, 'other', 'provider_unreached'],
    [302, 'empty', 'provider_unexpected'],
    [200, 'json', 'provider_unexpected'],
    [200, 'other', 'provider_unreached'],
    [200, 'empty', 'provider_unreached'],
  ] as const)('takes %i with a %s body for %s', (status, body, code) => {
    expect(refusedBy(reply(status, body), 'x')).toMatchObject({ code, status });
  });
});
