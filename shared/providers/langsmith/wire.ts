import { defined } from '#shared/core/defined.ts';
import { createHttp, type HttpReply } from '#shared/core/http.ts';
import { refusalOf } from '../kit/refusal-of.ts';
import type { ProviderDeps } from '../provider.ts';
import type { Credential } from './credential.ts';

interface LangsmithRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: string;
  /** Names it in faults. */
  readonly what: string;
}

/** Calls LangSmith within one method of the port; all calls share its deadline. */
export interface Wire {
  /** Sends a request, repeated within limits: every one that Patrol makes has the same effect twice as once. */
  call(request: LangsmithRequest): Promise<HttpReply>;
  /** Sends a GET and returns the JSON of a 200; throws a fault for everything else. */
  read(path: string, what: string): Promise<HttpReply>;
}

/** Opens the wire for one method of the port. */
export function openWire(credential: Credential, deps: ProviderDeps, until: number): Wire {
  const http = createHttp(deps);
  const { organizationId, baseUrl, apiKey } = credential;

  const call = (request: LangsmithRequest) =>
    http({
      label: `${deps.profile}: ${request.what}`,
      method: request.method,
      url: new URL(`${baseUrl.href.replace(/\/$/, '')}/api/v1/orgs/current${request.path}`),
      headers: {
        accept: 'application/json',
        'user-agent': 'patrol',
        'x-api-key': apiKey.expose(),
        ...defined({ 'x-organization-id': organizationId }),
        ...(request.body !== undefined && { 'content-type': 'application/json' }),
      },
      ...defined({ body: request.body }),
      isSafe: true,
      until,
    });

  return {
    call,
    read: async (path, what) => {
      const reply = await call({ method: 'GET', path, what });
      if (reply.status === 200 && reply.body === 'json') return reply;
      throw refusalOf(reply, `${deps.profile}: ${what}`);
    },
  };
}

/**
 * True where only a fresh read tells whether a change came through that this reply does not accept: an earlier answer to it was
 * lost, or somebody in between has answered.
 */
export function hasLostAnswer({ status, mayHaveActed }: HttpReply): boolean {
  return mayHaveActed || status < 300;
}
