import { defined } from '#shared/core/defined.ts';
import { Fault, isFault } from '#shared/core/fault.ts';
import { createHttp, type HttpReply, refusedBy } from '#shared/core/http.ts';
import type { ProviderDeps } from '../provider.ts';
import type { Credential } from './credential.ts';
import { chooseCredential } from './choose-credential.ts';
import { challengeSchema, userActionSchema } from './pat.ts';
import { renderAction, renderInit, signChallenge, type UserActionRequest } from './sign-challenge.ts';

/**
 * How one signed change ended on the wire. `lost` came after the signature was asked for: when `mayHaveActed`, only a
 * fresh read can tell what became of it. The user action is spent either way.
 */
export type Sent =
  | { readonly kind: 'answered'; readonly reply: HttpReply }
  | { readonly kind: 'lost'; readonly fault: Fault; readonly mayHaveActed: boolean };

/** The two ways to call Dfns within one method of the port; all calls share its deadline. */
export interface Wire {
  /** Sends a GET, repeated within limits. Returns 200 and 404 replies; throws a fault for all others. */
  read(path: string, what: string): Promise<HttpReply>;
  /** Asks for a user action for this very request, and does not use it. Throws where that is refused. */
  authorise(request: UserActionRequest): Promise<string>;
  /** Sends one change with a fresh user action, once. Throws what happened before the signature was asked for. */
  send(request: UserActionRequest, what: string): Promise<Sent>;
}

/** Opens the wire for one method of the port. */
export function openWire(credential: Credential, deps: ProviderDeps, until: number): Wire {
  const http = createHttp(deps);
  const label = (what: string) => `${deps.profile}: ${what}`;

  const call = (request: Pick<UserActionRequest, 'path'> & CallOptions): Promise<HttpReply> =>
    http({
      label: label(request.what),
      method: request.method,
      url: new URL(`${credential.baseUrl.href.replace(/\/$/, '')}${request.path}`),
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${credential.authToken.expose()}`,
        'user-agent': 'patrol',
        ...(request.body !== undefined && { 'content-type': 'application/json' }),
        ...(request.userAction !== undefined && { 'x-dfns-useraction': request.userAction }),
      },
      ...defined({ body: request.body }),
      isSafe: request.isSafe,
      until,
    });

  const openChallenge = async (request: UserActionRequest) => {
    const what = 'opening a user action';
    const body = renderInit(request);
    const reply = await call({ method: 'POST', path: '/auth/action/init', body, isSafe: true, what });
    const challenge = challengeSchema.safeParse(reply.json);
    if (reply.status !== 200 || !challenge.success) throw refusedBy(reply, label(what));
    const { allowCredentials, ...rest } = challenge.data;
    const allowed = allowCredentials.key.map(({ id }) => id);
    const credentialId = chooseCredential(credential.credentialId, allowed);
    if (credentialId === undefined) throw noCredential(deps.profile, credential.credentialId, allowed.length);
    return { ...rest, credentialId };
  };

  /** A challenge may be spent by an attempt whose answer is lost: this is sent once. */
  const answerChallenge = async (challenge: Awaited<ReturnType<typeof openChallenge>>): Promise<string> => {
    const what = 'signing a user action';
    const signed = signChallenge(credential.privateKey, challenge.challenge);
    const body = renderAction(challenge.challengeIdentifier, challenge.credentialId, signed);
    const reply = await call({ method: 'POST', path: '/auth/action', body, isSafe: false, what });
    const action = userActionSchema.safeParse(reply.json);
    if (reply.status !== 200 || !action.success) throw refusedBy(reply, label(what));
    return action.data.userAction;
  };

  return {
    read: async (path, what) => {
      const reply = await call({ method: 'GET', path, isSafe: true, what });
      // A proxy's page that says 404 must never pass for "deleted".
      if (reply.status === 404 && reply.body !== 'other') return reply;
      if (reply.status === 200 && reply.body === 'json') return reply;
      throw refusedBy(reply, label(what));
    },
    authorise: async (request) => answerChallenge(await openChallenge(request)),
    send: async (request, what) => {
      const challenge = await openChallenge(request);
      let userAction: string | undefined;
      try {
        userAction = await answerChallenge(challenge);
        const reply = await call({ ...request, userAction, isSafe: false, what });
        if (reply.status < 300 && reply.body === 'other') throw refusedBy(reply, label(what));
        return { kind: 'answered', reply };
      } catch (fault) {
        if (!isFault(fault) || !fault.isRetryable) throw fault;
        const mayHaveActed = userAction !== undefined && fault.code !== 'provider_rate_limited';
        return { kind: 'lost', fault, mayHaveActed };
      }
    },
  };
}

interface CallOptions {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly body?: string;
  readonly userAction?: string;
  readonly isSafe: boolean;
  readonly what: string;
}

function noCredential(profile: string, configured: string | undefined, allowed: number): Fault {
  const why =
    configured === undefined
      ? `credentialId is missing, and the provider allows ${allowed} keys`
      : 'credentialId is none of the keys that the provider allows';
  return new Fault('config_invalid', `profile ${profile}: ${why}`);
}
