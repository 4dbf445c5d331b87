import { Fault } from '#shared/core/fault.ts';
import type { Secret } from '#shared/core/secret.ts';

const TIMEOUT_MS = 10_000;

export interface SlackReply {
  readonly json: unknown;
  /** The token's scopes, as Slack states them with every answer. */
  readonly scopes: readonly string[] | undefined;
}

/** Calls a Web API method. Throws `slack_unavailable` without the request or the answer in it. */
export type SlackCall = (method: string, form?: Readonly<Record<string, string>>) => Promise<SlackReply>;

/** Binds the Web API's address and a token. */
export function createSlackCall(apiUrl: string, token: Secret): SlackCall {
  return async (method, form = {}) => {
    try {
      const response = await fetch(new URL(method, apiUrl), {
        method: 'POST',
        headers: { authorization: `Bearer ${token.expose()}`, 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(form),
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const scopes = response.headers.get('x-oauth-scopes');
      return { json: await response.json(), scopes: scopes?.split(',').map((scope) => scope.trim()) };
    } catch {
      throw new Fault('slack_unavailable', `${method}: no readable answer`);
    }
  };
}
