import { defined } from '#shared/core/defined.ts';
import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { ACCOUNT, type DeployedFunction, REGION } from './deployment.ts';
import type { Invocation } from './invocation.ts';

/** The most that API Gateway waits for a function, and the largest body that it takes. */
const INTEGRATION_TIMEOUT_MS = 30_000;
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** Any other body, also one of no stated type, reaches the function in base64. A Slack form is one of those. */
const TEXT = /^(?:text\/|application\/(?:json|xml|javascript)\b)/i;

const API_ID = 'sandbox0000';

interface Route {
  readonly key: string;
  readonly method: string;
  readonly pattern: RegExp;
  readonly functionName: string;
}

/** A request as it arrived at the front. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** Names and values in turn, as they arrived. */
  readonly rawHeaders: readonly string[];
  readonly sourceIp: string;
  readonly body: Buffer;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer;
}

/** Answers a request as API Gateway would pass it on and give it back. */
export type HttpApi = (request: HttpRequest) => Promise<HttpAnswer>;

/**
 * Answers requests as an API Gateway HTTP API (payload 2.0) with the deployed routes would: event, base64 rule, status,
 * and its own bodies for what the function does not answer.
 */
export function createHttpApi(
  functions: readonly DeployedFunction[],
  invoke: (functionName: string, event: string) => Promise<Invocation>,
): HttpApi {
  const routes = functions.flatMap(({ name, routes }) => routes.map(({ method, path }) => toRoute(name, method, path)));

  return async (request) => {
    const found = findRoute(routes, request.method, request.path);
    if (found === undefined) return refuse(404, 'Not Found');
    if (request.body.length > MAX_BODY_BYTES) return refuse(413, 'Request Entity Too Large');
    const event = JSON.stringify(toEvent(request, found, new Date()));
    const invocation = await Promise.race([invoke(found.route.functionName, event), timeOut(INTEGRATION_TIMEOUT_MS)]);
    if (invocation === undefined) return refuse(503, 'Service Unavailable');
    return invocation.ok ? toAnswer(invocation.payload) : refuse(500, 'Internal Server Error');
  };
}

function timeOut(milliseconds: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), milliseconds).unref());
}

function toRoute(functionName: string, method: string, path: string): Route {
  const pattern = path
    .replaceAll(/[.*()]/g, '\\$&')
    .replaceAll(/\{(\w+)\+\}/g, '(?<$1>.+)')
    .replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  return { key: `${method} ${path}`, method, pattern: new RegExp(`^${pattern}$`), functionName };
}

interface Found {
  readonly route: Route;
  readonly parameters: Readonly<Record<string, string>>;
}

function findRoute(routes: readonly Route[], method: string, path: string): Found | undefined {
  for (const route of routes) {
    const match = route.method === method ? route.pattern.exec(decoded(path)) : null;
    if (match !== null) return { route, parameters: { ...match.groups } };
  }
  return undefined;
}

/** HTTP APIs hand over the path decoded, despite the name `rawPath`. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Makes the payload 2.0 event of a request. */
export function toEvent(request: HttpRequest, { route, parameters }: Found, now: Date): APIGatewayProxyEventV2 {
  const { method, query, sourceIp } = request;
  const path = decoded(request.path);
  const { headers, cookies } = joinHeaders(request.rawHeaders);
  const isText = TEXT.test(headers['content-type'] ?? '');
  const queryStringParameters = joinQuery(query);
  return {
    version: '2.0',
    routeKey: route.key,
    rawPath: path,
    rawQueryString: query,
    ...(cookies.length === 0 ? {} : { cookies }),
    headers: {
      ...headers,
      'x-amzn-trace-id': `Root=1-${Math.floor(now.getTime() / 1000).toString(16)}-${randomUUID().replaceAll('-', '').slice(0, 24)}`,
      'x-forwarded-for': sourceIp,
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
    },
    ...defined({ queryStringParameters }),
    requestContext: {
      accountId: ACCOUNT,
      apiId: API_ID,
      domainName: `${API_ID}.execute-api.${REGION}.amazonaws.com`,
      domainPrefix: API_ID,
      http: { method, path, protocol: 'HTTP/1.1', sourceIp, userAgent: headers['user-agent'] ?? '' },
      requestId: randomUUID(),
      routeKey: route.key,
      stage: '$default',
      time: commonLogTime(now),
      timeEpoch: now.getTime(),
    },
    ...(Object.keys(parameters).length === 0 ? {} : { pathParameters: parameters }),
    ...(request.body.length === 0 ? {} : { body: request.body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: request.body.length > 0 && !isText,
  };
}

function commonLogTime(date: Date): string {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(date.toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}

/** Lower-case names, repeated ones joined by a comma; cookies apart. */
function joinHeaders(rawHeaders: readonly string[]): { headers: Record<string, string>; cookies: string[] } {
  const headers: Record<string, string> = {};
  const cookies: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = rawHeaders[index + 1] ?? '';
    if (name === 'cookie') cookies.push(...value.split(/;\s*/));
    else headers[name] = headers[name] === undefined ? value : `${headers[name]},${value}`;
  }
  return { headers, cookies };
}

function joinQuery(query: string): Record<string, string> | undefined {
  if (query === '') return undefined;
  const joined: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    joined[name] = joined[name] === undefined ? value : `${joined[name]},${value}`;
  }
  return joined;
}

/** Reads what the function returned; without a `statusCode` the whole of it is the body, as AWS infers. */
function toAnswer(payload: string): HttpAnswer {
  const result = JSON.parse(payload === '' ? 'null' : payload) as unknown;
  if (typeof result !== 'object' || result === null || !('statusCode' in result)) {
    return finish(200, { 'content-type': 'application/json' }, Buffer.from(payload));
  }
  const { statusCode, headers = {}, cookies = [], body = '', isBase64Encoded = false } = result as Record<string, any>;
  if (!Number.isInteger(Number(statusCode)) || typeof body !== 'string') return refuse(500, 'Internal Server Error');
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
  const type = body === '' ? {} : { 'content-type': 'text/plain;charset=UTF-8' };
  const setCookie = cookies.length === 0 ? {} : { 'set-cookie': cookies as string[] };
  const bytes = Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8');
  return finish(Number(statusCode), { ...type, ...lower, ...setCookie }, bytes);
}

function refuse(status: number, message: string): HttpAnswer {
  return finish(status, { 'content-type': 'application/json' }, Buffer.from(JSON.stringify({ message })));
}

function finish(status: number, headers: HttpAnswer['headers'], body: Buffer): HttpAnswer {
  const own = { 'apigw-requestid': randomUUID().slice(0, 16), 'content-length': String(body.length) };
  return { status, headers: { ...headers, ...own }, body };
}
