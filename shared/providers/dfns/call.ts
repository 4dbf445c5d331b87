import { defined } from '#shared/core/defined.ts';
import { createHttp, type HttpReply } from '#shared/core/http.ts';
import type { ProviderDeps } from '../provider.ts';
import type { Credential } from './credential.ts';

interface CallOptions {
  readonly path: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly body?: string;
  readonly userAction?: string;
  readonly isSafe: boolean;
  readonly what: string;
}

/** Sends one request with the credential's token; throws as `createHttp` does. */
export type Call = (options: CallOptions) => Promise<HttpReply>;

/** Creates what calls Dfns with one credential; all calls end by `until`. */
export function createCall(credential: Credential, deps: ProviderDeps, until: number): Call {
  const http = createHttp(deps);
  return (request) =>
    http({
      label: `${deps.profile}: ${request.what}`,
      method: request.method,
      url: new URL(`${credential.baseUrl.href.replace(/\/$/, '')}${request.path}`),
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${credential.authToken.expose()}`,
        'user-agent': 'patrol',
        ...(request.body !== undefined && { 'content-type': 'application/json' }),
        ...defined({ 'x-dfns-useraction': request.userAction }),
      },
      ...defined({ body: request.body }),
      isSafe: request.isSafe,
      until,
    });
}
