import { Fault } from '#shared/core/fault.ts';
import type { HttpReply } from '#shared/core/http.ts';
import type { Call } from './call.ts';
import { chooseCredential } from './choose-credential.ts';
import type { Credential } from './credential.ts';
import { challengeSchema, userActionSchema } from './pat.ts';
import { renderAction, renderInit, signChallenge, type UserActionRequest } from './sign-challenge.ts';

interface UserActionDeps {
  readonly call: Call;
  readonly credential: Credential;
  readonly profile: string;
  /** The fault of a reply that was no success. */
  readonly refused: (reply: HttpReply, what: string) => Fault;
}

/** What is to be signed, and with which of the credential's keys. */
export interface Challenge {
  readonly challenge: string;
  readonly challengeIdentifier: string;
  readonly credentialId: string;
}

/** The two calls by which Dfns lets one request change something. */
interface UserActions {
  /** Asks for the challenge of this very request; `once`: without trying again where the answer is lost. */
  open(request: UserActionRequest, once?: 'once'): Promise<Challenge>;
  /** Signs a challenge, once: an attempt whose answer is lost may have spent it. Gives the user action. */
  answer(challenge: Challenge): Promise<string>;
}

/** Creates the user actions of one credential. They throw the faults of `call`, and `config_invalid` without a usable key. */
export function createUserActions({ call, credential, profile, refused }: UserActionDeps): UserActions {
  return {
    open: async (request, once) => {
      const what = 'opening a user action';
      const body = renderInit(request);
      const reply = await call({ method: 'POST', path: '/auth/action/init', body, isSafe: once === undefined, what });
      const challenge = challengeSchema.safeParse(reply.json);
      if (reply.status !== 200 || !challenge.success) throw refused(reply, what);
      const { allowCredentials, ...rest } = challenge.data;
      const allowed = allowCredentials.key.map(({ id }) => id);
      const credentialId = chooseCredential(credential.credentialId, allowed);
      if (credentialId === undefined) throw noCredential(profile, credential.credentialId, allowed.length);
      return { ...rest, credentialId };
    },
    answer: async ({ challenge, challengeIdentifier, credentialId }) => {
      const what = 'signing a user action';
      const signed = signChallenge(credential.privateKey, challenge);
      const body = renderAction(challengeIdentifier, credentialId, signed);
      const reply = await call({ method: 'POST', path: '/auth/action', body, isSafe: false, what });
      const action = userActionSchema.safeParse(reply.json);
      if (reply.status !== 200 || !action.success) throw refused(reply, what);
      return action.data.userAction;
    },
  };
}

function noCredential(profile: string, configured: string | undefined, allowed: number): Fault {
  const why =
    configured === undefined
      ? `credentialId is missing, and the provider allows ${allowed} keys`
      : 'credentialId is none of the keys that the provider allows';
  return new Fault('config_invalid', `profile ${profile}: ${why}`);
}
