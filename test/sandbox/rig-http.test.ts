import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { readDeployment } from '#infra/sandbox/lambda/deployment.ts';
import { createHttpApi, type HttpAnswer } from '#infra/sandbox/lambda/http-api.ts';
import type { Invocation } from '#infra/sandbox/lambda/invocation.ts';

const { functions } = readDeployment();

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly query?: string;
  readonly headers?: readonly string[];
  readonly body?: Buffer;
}

/** Sends a request through the front; the function answers with `result`. */
async function pass(
  sent: Sent,
  result: unknown = { statusCode: 204 },
): Promise<{ events: [string, APIGatewayProxyEventV2][]; answer: HttpAnswer }> {
  const events: [string, APIGatewayProxyEventV2][] = [];
  const api = createHttpApi(functions, async (name, event): Promise<Invocation> => {
    events.push([name, JSON.parse(event) as APIGatewayProxyEventV2]);
    return result instanceof Error
      ? { ok: false, payload: '{}', died: false }
      : { ok: true, payload: JSON.stringify(result), died: false };
  });
  const { method = 'POST', path = '/slack/events', query = '', headers = [], body = Buffer.from('x') } = sent;
  const answer = await api({ method, path, query, rawHeaders: headers, body, sourceIp: '127.0.0.1' });
  return { events, answer };
}

const eventOf = async (sent: Sent) => (await pass(sent)).events[0]![1];

describe('the HTTP API in front of the functions', () => {
  it.each([
    ['application/x-www-form-urlencoded', true],
    ['application/octet-stream', true],
    ['application/x-ndjson', true],
    [undefined, true],
    ['application/json; charset=utf-8', false],
    ['text/plain', false],
    ['application/xml', false],
  ])('hands a body of type %s over in base64: %s', async (type, isBase64) => {
    const bytes = Buffer.from('a=ä&b=%20', 'utf8');
    const event = await eventOf({ body: bytes, headers: type === undefined ? [] : ['Content-Type', type] });
    expect(event.isBase64Encoded).toBe(isBase64);
    expect(Buffer.from(event.body ?? '', isBase64 ? 'base64' : 'utf8')).toEqual(bytes);
  });

  it('joins repeated headers and queries, in lower case, and sets cookies apart', async () => {
    const event = await eventOf({
      query: 'a=1&b=2&a=3',
      headers: ['Host', 'h', 'X-Twice', 'one', 'x-twice', 'two', 'Cookie', 'c=1; d=2'],
    });
    expect(event.headers).toMatchObject({ host: 'h', 'x-twice': 'one,two' });
    expect(event.headers).not.toHaveProperty('cookie');
    expect(event.cookies).toEqual(['c=1', 'd=2']);
    expect(event.queryStringParameters).toEqual({ a: '1,3', b: '2' });
    expect(event.rawQueryString).toBe('a=1&b=2&a=3');
  });

  it('leaves out a body that is not there', async () => {
    const event = await eventOf({ body: Buffer.alloc(0) });
    expect(event).not.toHaveProperty('body');
    expect(event.isBase64Encoded).toBe(false);
  });

  it.each([
    ['POST', '/slack/events', 'slack-edge', 'POST /slack/events', undefined],
    ['POST', '/alerts/github', 'alert-edge', 'POST /alerts/github', undefined],
    ['POST', '/alerts/acme', 'alert-edge', 'POST /alerts/{source}', { source: 'acme' }],
    [
      'POST',
      '/alerts/acme/v1/revoke_tokens',
      'alert-edge',
      'POST /alerts/{source}/{proxy+}',
      { source: 'acme', proxy: 'v1/revoke_tokens' },
    ],
    [
      'GET',
      '/alerts/gitlab/v1/revocable_token_types',
      'alert-edge',
      'GET /alerts/gitlab/v1/revocable_token_types',
      undefined,
    ],
  ])('routes %s %s to %s', async (method, path, name, routeKey, parameters) => {
    const { events } = await pass({ method, path });
    expect(events[0]?.[0]).toBe(name);
    expect(events[0]?.[1]).toMatchObject({
      version: '2.0',
      routeKey,
      rawPath: path,
      requestContext: { routeKey, stage: '$default', http: { method, path } },
    });
    expect(events[0]?.[1].pathParameters).toEqual(parameters);
  });

  it.each([
    ['GET', '/slack/events'],
    ['POST', '/'],
    ['POST', '/slack/events/more'],
    ['POST', '/alerts'],
  ])('has no route for %s %s', async (method, path) => {
    const { events, answer } = await pass({ method, path });
    expect(events).toEqual([]);
    expect([answer.status, answer.body.toString()]).toEqual([404, '{"message":"Not Found"}']);
  });

  it('refuses more than 10 MB', async () => {
    expect((await pass({ body: Buffer.alloc(10 * 1024 * 1024 + 1) })).answer.status).toBe(413);
  });

  it('gives back status, headers, cookies and a base64 body', async () => {
    const { answer } = await pass(
      {},
      { statusCode: 201, headers: { 'X-Own': 'a' }, cookies: ['k=v'], body: 'AAE=', isBase64Encoded: true },
    );
    expect(answer).toMatchObject({
      status: 201,
      headers: { 'x-own': 'a', 'set-cookie': ['k=v'] },
      body: Buffer.from([0, 1]),
    });
  });

  it('takes an answer without a status as the body', async () => {
    const { answer } = await pass({}, { anything: 1 });
    expect([answer.status, answer.headers['content-type'], answer.body.toString()]).toEqual([
      200,
      'application/json',
      '{"anything":1}',
    ]);
  });

  it.each([new Error('thrown'), { statusCode: 'two hundred' }, { statusCode: 200, body: { not: 'text' } }])(
    'hides what the function did wrong',
    async (result) => {
      const { answer } = await pass({}, result);
      expect([answer.status, answer.body.toString()]).toEqual([500, '{"message":"Internal Server Error"}']);
    },
  );
});
