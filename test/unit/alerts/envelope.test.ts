import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEnvelope } from '#shared/alerts/envelope.ts';
import { isFault } from '#shared/core/fault.ts';

const BODY = Buffer.from('{"ü":"漢"}');
const http2 = (more: object = {}) => ({
  version: '2.0',
  rawPath: '/alerts/generic',
  headers: { 'webhook-id': 'msg_1' },
  requestContext: { http: { method: 'POST', path: '/alerts/generic' } },
  body: BODY.toString(),
  isBase64Encoded: false,
  ...more,
});
const rest1 = (more: object = {}) => ({
  resource: '/alerts/{source}',
  path: '/alerts/generic',
  httpMethod: 'POST',
  headers: { 'Webhook-Id': 'last' },
  multiValueHeaders: { 'Webhook-Id': ['first', 'last'] },
  requestContext: { stage: 'prod', httpMethod: 'POST' },
  body: BODY.toString('base64'),
  isBase64Encoded: true,
  ...more,
});
const alb = (more: object = {}) => ({
  requestContext: { elb: { targetGroupArn: 'arn:aws:elasticloadbalancing:eu-central-1:000000000000:targetgroup/x/1' } },
  httpMethod: 'POST',
  path: '/alerts/generic',
  headers: { 'webhook-id': 'msg_1' },
  body: BODY.toString('base64'),
  isBase64Encoded: true,
  ...more,
});
const sns = (more: object = {}) => ({
  Records: [
    {
      EventSource: 'aws:sns',
      EventVersion: '1.0',
      Sns: {
        Type: 'Notification',
        MessageId: 'm',
        TopicArn: 'arn:aws:sns:eu-central-1:000000000000:leaks',
        Message: '{}',
        Subject: null,
      },
      ...more,
    },
  ],
});
const eventBridge = (more: object = {}) => ({
  version: '0',
  id: 'e',
  'detail-type': 'Leaked token',
  source: 'my.scanner',
  detail: { secret: 'x' },
  ...more,
});

describe('readEnvelope', () => {
  it.each([
    ['HTTP API v2 and function URL', http2()],
    ['REST v1', rest1()],
    ['ALB', alb()],
    ['ALB with several values', alb({ headers: undefined, multiValueHeaders: { 'webhook-id': ['msg_1'] } })],
  ])('recovers the request of %s byte for byte', (_name, event) => {
    expect(readEnvelope(event)).toMatchObject({
      kind: 'http',
      source: 'generic',
      request: { subpath: '', method: 'POST', body: BODY },
    });
  });

  it('lists every value of a repeated header, whatever its case', () => {
    const read = (event: object) => {
      const envelope = readEnvelope(event);
      return envelope.kind === 'http' ? envelope.request.headers.get('webhook-id') : undefined;
    };
    expect(read(rest1())).toEqual(['first', 'last']);
    expect(read(rest1({ multiValueHeaders: { 'Webhook-Id': ['a'], 'WEBHOOK-ID': ['b'] } }))).toEqual(['a', 'b']);
    expect(read(rest1({ multiValueHeaders: null }))).toEqual(['last']);
    expect(read(http2({ headers: { 'Webhook-Id': 'a,b' } }))).toEqual(['a,b']);
  });

  it('takes null headers and a missing body for empty ones', () => {
    const envelope = readEnvelope(
      rest1({ headers: null, multiValueHeaders: null, body: null, isBase64Encoded: false }),
    );
    expect(envelope).toMatchObject({ kind: 'http', request: { headers: new Map(), body: Buffer.alloc(0) } });
  });

  it.each([
    ['/alerts/gitlab/v1/revoke_tokens', 'gitlab', '/v1/revoke_tokens'],
    ['/prod/alerts/github', 'github', ''],
    ['/alerts/github/', 'github', ''],
    ['/alerts/trufflehog/enterprise', 'trufflehog', '/enterprise'],
  ])('reads the route %s', (rawPath, source, subpath) => {
    expect(readEnvelope(http2({ rawPath }))).toMatchObject({ kind: 'http', source, request: { subpath } });
  });

  it.each(['/', '/alerts', '/alerts/', '/alerts/../github', '/alerts/GitHub', '/alerts/%67ithub', '/slack/events'])(
    'knows no route %s',
    (rawPath) => {
      expect(readEnvelope(http2({ rawPath }))).toEqual({ kind: 'no-route' });
    },
  );

  it.each([
    ['a flag that is a text', http2({ isBase64Encoded: 'true' })],
    ['a body that is an object', http2({ body: { a: 1 } })],
    ['headers that are a list', http2({ headers: ['a'] })],
    ['records of another service', sns({ EventSource: 'aws:sqs' })],
    ['no records', { Records: [] }],
    ['an event that also has records', { ...sns(), ...eventBridge(), Records: [{ EventSource: 'aws:s3' }] }],
    ['nothing known', { hello: 'world' }],
    ['a list', [sns()]],
    ['null', null],
  ])('refuses %s', (_name, event) => {
    expect(() => readEnvelope(event)).toThrow(/payload_invalid/);
  });

  it('tells messages of a subscribed topic and events of a rule from requests', () => {
    expect(readEnvelope(sns())).toMatchObject({ kind: 'sns', messages: [{ Message: '{}' }] });
    expect(readEnvelope(eventBridge())).toMatchObject({ kind: 'eventbridge', event: { source: 'my.scanner' } });
  });

  it('never takes a request for a trusted event, whatever it brings along', () => {
    expect(readEnvelope({ ...http2(), ...sns(), ...eventBridge() })).toMatchObject({ kind: 'http' });
    expect(readEnvelope(http2({ body: JSON.stringify(sns()) }))).toMatchObject({ kind: 'http', source: 'generic' });
  });

  it('never throws anything but a fault, and never quotes what it was given', () => {
    const event = fc.oneof(
      fc.anything(),
      fc.record({ requestContext: fc.anything(), headers: fc.anything(), body: fc.anything(), rawPath: fc.anything() }),
      fc.record({ Records: fc.array(fc.record({ EventSource: fc.constant('aws:sns'), Sns: fc.anything() })) }),
    );
    fc.assert(
      fc.property(event, (given) => {
        try {
          readEnvelope(given);
        } catch (error) {
          expect(isFault(error, 'payload_invalid')).toBe(true);
        }
      }),
    );
  });
});
