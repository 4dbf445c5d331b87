import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, randomInt, randomUUID } from 'node:crypto';

export type DfnsKeyType = 'ed25519' | 'p256' | 'rsa';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
/** SubjectPublicKeyInfo of an Ed25519 key without its 32 bytes. */
const ED25519_SPKI = '302a300506032b6570032100';

/** Returns an id in Dfns' documented pattern, e.g. `to-202a0-cdo33-o65mbt6q758lvvnt`. */
export function dfnsId(prefix: string): string {
  const run = (length: number) => Array.from({ length }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('');
  return `${prefix}-${run(5)}-${run(5)}-${run(16)}`;
}

const segment = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Makes an access token as Dfns forms it: a JWT with its claims, whose signature part is random. */
export function accessTokenText(about: {
  readonly orgId: string;
  readonly userId: string;
  readonly username: string;
  readonly kind: 'Pat' | 'ServiceAccount';
  readonly issuedAt: number;
  readonly expiresAtSeconds: number;
}): string {
  const claims = {
    iss: 'auth.dfns.io',
    aud: 'dfns:auth:user',
    sub: about.orgId,
    jti: randomUUID(),
    'https://custom/username': about.username,
    'https://custom/app_metadata': { userId: about.userId, orgId: about.orgId, tokenKind: about.kind },
    iat: about.issuedAt,
    exp: about.expiresAtSeconds,
  };
  return `${segment({ typ: 'JWT', alg: 'EdDSA' })}.${segment(claims)}.${randomBytes(64).toString('base64url')}`;
}

/** Reads a time claim of a given token text, so that a minted row agrees with the claims that tell its age. */
export function claimedSeconds(accessToken: string | undefined, claim: 'iat' | 'exp'): number | undefined {
  try {
    const claims = JSON.parse(Buffer.from(accessToken?.split('.')[1] ?? '', 'base64url').toString()) as Record<
      string,
      unknown
    >;
    const seconds = claims[claim];
    return typeof seconds === 'number' && Number.isSafeInteger(seconds) ? seconds : undefined;
  } catch {
    return undefined;
  }
}

/** Generates a key pair of one of the three kinds that Dfns takes. */
export function newKeyPair(type: DfnsKeyType): { readonly publicKey: KeyObject; readonly privateKeyPem: string } {
  const pair =
    type === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : type === 'p256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    publicKey: pair.publicKey,
    privateKeyPem: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}

/** Returns the public key as PEM. */
export const toPem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }) as string;

/** A registered key whose private half nobody has: what a leaked token without its key pair looks like. */
export const orphanKeyPem = () =>
  toPem(
    createPublicKey({
      key: Buffer.concat([Buffer.from(ED25519_SPKI, 'hex'), randomBytes(32)]),
      format: 'der',
      type: 'spki',
    }),
  );
