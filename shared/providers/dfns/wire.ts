import { type Fault, isFault } from '#shared/core/fault.ts';
import type { HttpReply } from '#shared/core/http.ts';
import { refusalOf } from '../kit/refusal-of.ts';
import type { ProviderDeps } from '../provider.ts';
import { createCall } from './call.ts';
import type { Credential } from './credential.ts';
import type { UserActionRequest } from './sign-challenge.ts';
import { type Challenge, createUserActions } from './user-actions.ts';

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
  /** Asks for the challenge of this very request alone, once. */
  challenge(request: UserActionRequest): Promise<Challenge>;
  /**
   * Sends one change with a fresh user action, once; by a challenge that was asked for ahead, where there is one. Throws what
   * happened before the signature was asked for.
   */
  send(request: UserActionRequest, what: string, ahead?: Challenge): Promise<Sent>;
}

/** Opens the wire for one method of the port. */
export function openWire(credential: Credential, deps: ProviderDeps, until: number): Wire {
  const call = createCall(credential, deps, until);
  const refused = (reply: HttpReply, what: string) => refusalOf(reply, `${deps.profile}: ${what}`);
  const actions = createUserActions({ call, credential, refused, profile: deps.profile });
  return {
    read: async (path, what) => {
      const reply = await call({ method: 'GET', path, isSafe: true, what });
      // A proxy's page that says 404 must never pass for "deleted".
      if (reply.status === 404 && reply.body !== 'other') return reply;
      if (reply.status === 200 && reply.body === 'json') return reply;
      throw refused(reply, what);
    },
    authorise: async (request) => actions.answer(await actions.open(request)),
    // Nobody waits for it, so that it must not go on when whoever asked has ended.
    challenge: (request) => actions.open(request, 'once'),
    send: async (request, what, ahead) => {
      const challenge = ahead ?? (await actions.open(request));
      let userAction: string | undefined;
      try {
        userAction = await actions.answer(challenge).catch(async (fault: unknown) => {
          if (ahead === undefined || (isFault(fault) && fault.isRetryable)) throw fault;
          // How long a challenge lives is not documented, and a refused one has done nothing.
          return actions.answer(await actions.open(request));
        });
        const reply = await call({ ...request, userAction, isSafe: false, what });
        if (reply.status < 300 && reply.body === 'other') {
          return { kind: 'lost', fault: refused(reply, what), mayHaveActed: true };
        }
        return { kind: 'answered', reply };
      } catch (fault) {
        if (!isFault(fault) || !fault.isRetryable) throw fault;
        const mayHaveActed = userAction !== undefined && fault.code !== 'provider_rate_limited';
        return { kind: 'lost', fault, mayHaveActed };
      }
    },
  };
}
