import { sha256Hex } from '#shared/core/hmac-sha256.ts';
import { readCall } from './call.ts';
import type { Routes } from './control-parts.ts';
import type { ControlAnswer } from './front.ts';
import type { HttpRequest } from '../lambda/http-api.ts';

/** Names that are followed by a function's name. */
const WITH_FUNCTION = new Set(['invoke', 'run']);

/** Answers `/sandbox/<name>` by the routes; wrong input with a 400 that says what is wrong. */
export function createControl(routes: Routes): (request: HttpRequest) => Promise<ControlAnswer> {
  return async ({ method, path, query, body, rawHeaders }) => {
    const name = path.slice('/sandbox/'.length);
    const [first = '', ...rest] = name.split('/');
    const route = routes[`${method} ${name}`] ?? (WITH_FUNCTION.has(first) ? routes[`${method} ${first}`] : undefined);
    if (route === undefined) return { status: 404, json: { error: `There is no ${method} /sandbox/${name}.` } };
    const text = body.toString('utf8');
    try {
      const answer = await route({
        query: new URLSearchParams(query),
        text,
        rest: rest.join('/'),
        body: (schema) => readCall(schema, text),
      });
      if (isControlAnswer(answer)) return answer;
      return method === 'GET' ? unlessKnown(answer ?? null, rawHeaders) : { status: 200, json: answer ?? null };
    } catch (error) {
      return { status: 400, json: { error: error instanceof Error ? error.message : String(error) } };
    }
  };
}

const isControlAnswer = (value: unknown): value is ControlAnswer =>
  typeof value === 'object' && value !== null && 'status' in value && 'json' in value;

/** 304 when the caller has this answer already, as whoever asks again and again mostly has. */
function unlessKnown(answer: unknown, rawHeaders: readonly string[]): ControlAnswer {
  const json = JSON.stringify(answer);
  const etag = `"${sha256Hex(json)}"`;
  const known =
    rawHeaders[rawHeaders.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'if-none-match') + 1];
  return { status: known === etag ? 304 : 200, json, headers: { etag } };
}
