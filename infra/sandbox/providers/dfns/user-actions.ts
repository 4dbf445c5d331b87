import { type KeyObject, randomBytes, verify } from 'node:crypto';
import type { DfnsToken } from './dfns-token.ts';
import { dfnsId } from './keys.ts';

/** What a challenge, and then a user action, is good for: one request, byte for byte. */
interface Purpose {
  readonly tokenId: string;
  readonly method: string;
  readonly path: string;
  readonly payload: Buffer;
  readonly validUntil: number;
  used: boolean;
}

/** A refusal with the status and the message that Dfns documents for it. */
export interface Refused {
  readonly status: number;
  readonly message: string;
}

type Json = Readonly<Record<string, unknown>>;

const METHODS = ['POST', 'PUT', 'DELETE', 'GET'];
const BASE64URL = /^[A-Za-z0-9_-]+$/;
const STALE: Refused = { status: 400, message: 'Challenge token is not valid.' };
const NO_CREDENTIAL: Refused = {
  status: 401,
  message: 'User does not have a credential that can be used for the application.',
};
const NOT_SIGNED: Refused = { status: 403, message: 'user action signature is missing or invalid' };
const invalid = (field: string): Refused => ({ status: 400, message: `Request validation failed: ${field}` });

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** True when `signature` is this key's over exactly `data`: Ed25519 raw, ECDSA SHA-256 in DER, RSA PKCS#1 v1.5 SHA-256. */
function isSignedBy(key: KeyObject, data: Buffer, signature: Buffer): boolean {
  try {
    return verify(key.asymmetricKeyType === 'ed25519' ? undefined : 'sha256', data, key, signature);
  } catch {
    return false;
  }
}

function isClientDataFor(challenge: string, clientData: Buffer): boolean {
  try {
    const data = JSON.parse(clientData.toString()) as unknown;
    return isObject(data) && data['type'] === 'key.get' && data['challenge'] === challenge;
  } catch {
    return false;
  }
}

/** What is announced with `POST /auth/action/init`, or what is wrong with it. */
function readAnnounced(request: unknown): Pick<Purpose, 'method' | 'path' | 'payload'> | Refused {
  if (!isObject(request)) return invalid('body');
  const {
    userActionPayload: payload,
    userActionHttpMethod: method,
    userActionHttpPath: path,
    userActionServerKind: kind = 'Api',
    ...rest
  } = request;
  if (Object.keys(rest).length > 0) return invalid(`unknown field ${Object.keys(rest).join(', ')}`);
  if (typeof payload !== 'string') return invalid('userActionPayload');
  if (typeof method !== 'string' || !METHODS.includes(method)) return invalid('userActionHttpMethod');
  if (typeof path !== 'string' || !/^\/[^?#]*$/.test(path)) return invalid('userActionHttpPath');
  if (kind !== 'Api' && kind !== 'Staff') return invalid('userActionServerKind');
  return { method, path, payload: Buffer.from(payload) };
}

/** The first factor of `POST /auth/action`, or what is wrong with it. */
function readAssertion(request: Json): { credId: unknown; clientData: Buffer; signature: Buffer } | Refused {
  const factor = request['firstFactor'];
  if (!isObject(factor) || factor['kind'] !== 'Key') return invalid('firstFactor.kind');
  const assertion = factor['credentialAssertion'];
  if (!isObject(assertion)) return invalid('firstFactor.credentialAssertion');
  const { credId, clientData, signature } = assertion;
  if (typeof clientData !== 'string' || !BASE64URL.test(clientData)) return invalid('clientData');
  if (typeof signature !== 'string' || !BASE64URL.test(signature)) return invalid('signature');
  return { credId, clientData: Buffer.from(clientData, 'base64url'), signature: Buffer.from(signature, 'base64url') };
}

const random = () => randomBytes(32).toString('base64url');
/** An opaque text in the form of a JWT. */
const opaque = (algorithm: 'HS256' | 'EdDSA') =>
  `${Buffer.from(`{"typ":"JWT","alg":"${algorithm}"}`).toString('base64url')}.${random()}.${random()}`;

/** Tells a refusal from an answer. */
export const isRefused = (answer: object): answer is Refused => 'message' in answer;

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: Buffer;
}

function isFor(action: Purpose, caller: DfnsToken, { method, path, body }: Call): boolean {
  const { tokenId, payload } = action;
  return tokenId === caller.tokenId && action.method === method && action.path === path && payload.equals(body);
}

/**
 * Keeps Dfns' user action signing: a challenge is for one caller and one request and used once, also by a wrong signature;
 * a user action is used once and only for the method, path and exact body bytes that were announced. How long either
 * lives is not documented; `lifetimeSeconds` stands for both.
 */
export function createUserActions(options: { readonly lifetimeSeconds: number; readonly now: () => Date }) {
  const challenges = new Map<string, Purpose & { readonly challenge: string }>();
  const actions = new Map<string, Purpose>();
  const seconds = () => options.now().getTime() / 1_000;
  const validUntil = () => seconds() + options.lifetimeSeconds;

  return {
    reset: (): void => {
      challenges.clear();
      actions.clear();
    },

    /** Answers `POST /auth/action/init`. */
    open: (caller: DfnsToken, request: unknown): Refused | Json => {
      const announced = readAnnounced(request);
      if (isRefused(announced)) return announced;
      const challenge = Buffer.from(dfnsId('ch')).toString('base64url');
      const challengeIdentifier = opaque('HS256');
      const purpose = { ...announced, tokenId: caller.tokenId, validUntil: validUntil(), used: false };
      challenges.set(challengeIdentifier, { ...purpose, challenge });
      return challengeJson(challenge, challengeIdentifier, caller);
    },

    /** Answers `POST /auth/action`: verifies the signature with the key that the caller's token registered. */
    sign: (caller: DfnsToken, request: unknown): Refused | { readonly userAction: string } => {
      if (!isObject(request) || typeof request['challengeIdentifier'] !== 'string')
        return invalid('challengeIdentifier');
      const opened = challenges.get(request['challengeIdentifier']);
      if (opened === undefined || opened.used || opened.tokenId !== caller.tokenId || seconds() > opened.validUntil) {
        return STALE;
      }
      const assertion = readAssertion(request);
      if (isRefused(assertion)) return assertion;
      opened.used = true;
      if (assertion.credId !== caller.credId || caller.publicKey === undefined) return NO_CREDENTIAL;
      if (!isClientDataFor(opened.challenge, assertion.clientData)) return STALE;
      if (!isSignedBy(caller.publicKey, assertion.clientData, assertion.signature)) return NO_CREDENTIAL;
      const userAction = opaque('EdDSA');
      actions.set(userAction, { ...opened, validUntil: validUntil(), used: false });
      return { userAction };
    },

    /** Spends the user action of a real call. Returns why it may not proceed, or nothing. */
    spend: (caller: DfnsToken, userAction: string | undefined, call: Call): Refused | undefined => {
      const action = userAction === undefined ? undefined : actions.get(userAction);
      if (action === undefined) return NOT_SIGNED;
      if (action.used) return { status: 400, message: 'user action has already been used' };
      action.used = true;
      return isFor(action, caller, call) && seconds() <= action.validUntil ? undefined : NOT_SIGNED;
    },
  };
}

export type UserActions = ReturnType<typeof createUserActions>;

const challengeJson = (challenge: string, challengeIdentifier: string, { credId }: DfnsToken): Json => ({
  challenge,
  challengeIdentifier,
  supportedCredentialKinds: [{ kind: 'Key', factor: 'first', requiresSecondFactor: false }],
  userVerification: 'required',
  attestation: 'direct',
  externalAuthenticationUrl: '',
  allowCredentials: { key: [{ type: 'public-key', id: credId }], webauthn: [] },
});
