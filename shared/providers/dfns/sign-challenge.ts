import { type KeyObject, sign } from 'node:crypto';

/** What of a request is signed: exactly the bytes and the path that go to Dfns. */
export interface UserActionRequest {
  readonly method: 'PUT' | 'DELETE';
  /** Path of the API, without the base URL's prefix and without a query. */
  readonly path: string;
  readonly body: string;
}

/** The body of `POST /auth/action/init`, in the field order of the official SDK. */
export function renderInit(request: UserActionRequest): string {
  return JSON.stringify({
    userActionPayload: request.body,
    userActionHttpMethod: request.method,
    userActionHttpPath: request.path,
    userActionServerKind: 'Api',
  });
}

/** Signs a challenge as a `Key` credential: Ed25519 as raw 64 bytes, ECDSA and RSA (PKCS#1 v1.5) over SHA-256, ECDSA in DER. */
export function signChallenge(privateKey: KeyObject, challenge: string): { clientData: string; signature: string } {
  const clientData = Buffer.from(JSON.stringify({ type: 'key.get', challenge }));
  const algorithm = privateKey.asymmetricKeyType === 'ed25519' ? undefined : 'sha256';
  return {
    clientData: clientData.toString('base64url'),
    signature: sign(algorithm, clientData, privateKey).toString('base64url'),
  };
}

/** The body of `POST /auth/action`, in the field order of the official SDK. */
export function renderAction(
  challengeIdentifier: string,
  credId: string,
  signed: ReturnType<typeof signChallenge>,
): string {
  return JSON.stringify({
    challengeIdentifier,
    firstFactor: {
      kind: 'Key',
      credentialAssertion: { credId, clientData: signed.clientData, signature: signed.signature },
    },
  });
}
